/** What the command was asked to do; `problem` is a wrong use, in words. */
export type Order =
  | { readonly do: 'help' }
  | { readonly do: 'version' }
  | { readonly do: 'problem'; readonly words: string }
  | VerifyOrder

export interface VerifyOrder {
  readonly do: 'verify'
  readonly certificate: string
  /** A path, `-` for standard input, or null where none was named. */
  readonly original: string | null
  readonly key: string | null
  readonly policy: string | null
  readonly json: boolean
}

export const HELP = `Usage: amanat-verify CERTIFICATE ORIGINAL [options]

Checks offline whether ORIGINAL is, byte for byte, what CERTIFICATE says was taken in and registered.
Nothing is written, nothing is sent, no link is followed.

  CERTIFICATE     an integrity certificate, as made by "amanat certify"
  ORIGINAL        the file itself, or - for standard input (not needed where the item was erased)

  --key VKEY      the log's verifier key, from somewhere you trust other than the certificate
  --policy FILE   a trust policy: log keys, cosigners and how many of them must have signed
  --json          the whole report as JSON on standard output
  --version       the version of this program
  --help          this text

Without --key or --policy the verdict rests on the key that the certificate itself states.

Exit codes: 0 INTACT, 3 ERASED, 1 FAIL, 2 wrong use or a file that cannot be read.
`

const FLAGS = new Set(['--json', '--help', '-h', '--version'])
const VALUES = new Set(['--key', '--policy'])

/** Reads the arguments after the program's name. */
export function readArguments(args: readonly string[]): Order {
  const flags = new Set<string>()
  const values = new Map<string, string>()
  const paths: string[] = []
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? ''
    const [name = '', ...joined] = arg.split('=')
    if (FLAGS.has(arg)) flags.add(arg)
    else if (VALUES.has(name)) {
      const value = joined.length > 0 ? joined.join('=') : args[++at]
      if (value === undefined || value === '') return problem(`${name} needs a value.`)
      if (values.has(name)) return problem(`${name} is given twice.`)
      values.set(name, value)
    } else if (arg.startsWith('--')) return problem(`There is no option ${arg}.`)
    else paths.push(arg)
  }
  if (flags.has('--help') || flags.has('-h')) return { do: 'help' }
  if (flags.has('--version')) return { do: 'version' }
  if (values.size === 2) return problem('Give --key or --policy, not both.')
  const [certificate, original = null, ...more] = paths
  if (certificate === undefined) return problem('Name the certificate and the original.')
  if (more.length > 0) return problem('Name one certificate and one original.')
  const [key, policy] = [values.get('--key') ?? null, values.get('--policy') ?? null]
  return { do: 'verify', certificate, original, key, policy, json: flags.has('--json') }
}

function problem(words: string): Order {
  return { do: 'problem', words }
}
