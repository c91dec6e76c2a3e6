import type { Command } from 'commander'
import { connectDesk, type GlobalOptions } from './connect.ts'
import { namedLoss, type DeskClient } from './call.ts'
import { createPrinter, reportError, type Printer } from './print.ts'

/** What a verb is given: a desk to call, a printer, its own options. */
export interface Call<Options> {
  readonly desk: DeskClient
  readonly print: Printer
  readonly options: Options & GlobalOptions
  readonly args: readonly string[]
}

/** A verb that talks to a desk: connects, runs, prints, and sets the exit code that it returns (0 where it returns nothing). */
export function deskVerb<Options>(
  run: (call: Call<Options>) => Promise<number | void>,
): (this: Command, ...given: unknown[]) => Promise<void> {
  return localVerb<Options>(async (call) => {
    const desk = await connectDesk(call.options)
    try {
      return await run({ ...call, desk })
    } catch (error) {
      throw namedLoss(desk.address, error)
    }
  })
}

/** A verb that works on this machine's folder without a running desk. */
export function localVerb<Options>(
  run: (call: Omit<Call<Options>, 'desk'>) => Promise<number | void>,
): (this: Command, ...given: unknown[]) => Promise<void> {
  return async function (this: Command) {
    const options = this.optsWithGlobals<Options & GlobalOptions>()
    const print = createPrinter(options.json === true)
    const args = this.args
    try {
      process.exitCode = (await run({ print, options, args })) ?? 0
    } catch (error) {
      print.endProgress()
      process.exitCode = reportError(error, print.json)
    }
  }
}

/** As `localVerb`, for a verb that stands on much of the server: loaded when it is called, so that others stay quick. */
export function loadedVerb<Options>(
  load: () => Promise<
    (call: { options: Options; print: Printer; args: readonly string[] }) => Promise<number | void>
  >,
): (this: Command, ...given: unknown[]) => Promise<void> {
  return localVerb<Options>(async (call) => (await load())(call))
}
