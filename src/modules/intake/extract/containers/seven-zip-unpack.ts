import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { LimitReached } from '../gather.ts'
import type { ExtractInput } from '../port.ts'
import { ChildWriter, quoted, type ChildFacts } from './children.ts'
import type { Report } from './report.ts'
import { passwordSwitch } from './seven-zip-list.ts'
import { startSevenZip, type MemoryNode, type SevenZip } from './seven-zip-module.ts'

export interface UnpackOrder {
  /** Entries to keep; the rest is decoded (a solid archive has no other way) and thrown away. */
  want(path: string): boolean
  facts(path: string): ChildFacts
  readonly password?: string | undefined
  /** The name to record instead of 7-Zip's. */
  rename?(path: string): string
  /** 7-Zip's name of the format, where it is known and must not be guessed. */
  readonly type?: string | undefined
  /** Where the archive stands, when not at the input's path. */
  readonly path?: string
}

export interface UnpackOutcome {
  readonly errors: readonly string[]
  readonly locked: boolean
  readonly written: readonly Written[]
}

export interface Written {
  readonly path: string
  readonly file: string
  size: number
}

/**
 * Unpacks with 7-Zip into a file system that exists only in memory: its files write to generated names in the
 * work folder, through the budget. 7-Zip never sees a real path other than the archive's.
 *
 * Where data is damaged or a password is wrong, `locked` or `errors` say so and what was written is recorded
 * only if nothing is locked. Refuses: bomb, too-many (through LimitReached).
 */
export async function unpackWithSevenZip(
  input: ExtractInput,
  writer: ChildWriter,
  report: Report,
  order: UnpackOrder,
): Promise<UnpackOutcome> {
  const archive = order.path ?? input.path
  const seven = await startSevenZip(dirname(archive))
  const sink = new Sink(writer, order)
  sink.mount(seven)
  let limit: LimitReached | undefined
  try {
    const type = order.type === undefined ? [] : [`-t${order.type}`]
    const switches = ['-y', '-aou', '-bd', '-sccUTF-8', ...type, passwordSwitch(order.password), '-o/out']
    seven.run(['x', ...switches, '--', `/in/${basename(archive)}`])
  } catch (fault) {
    if (!(fault instanceof LimitReached)) throw fault
    limit = fault
  }
  sink.close()
  const errors = seven.lines.filter((line) =>
    /^(ERROR|ERRORS|Open ERROR)\b|^\s*(Unexpected end|Headers Error|Cannot open)/.test(line),
  )
  const locked = errors.some((line) => /wrong password/i.test(line))
  if (locked && !limit) sink.discard()
  else sink.record(limit !== undefined)
  if (limit) throw limit
  for (const link of sink.links) {
    report.notice(
      'link-not-followed',
      `The entry ${quoted(link.path)} is a link to ${quoted(link.target)}; it was not followed.`,
    )
  }
  return { errors: errors.map((line) => line.trim()).slice(0, 20), locked, written: sink.written }
}

/** 7-Zip sets a file's length before it writes: noted, never allocated. */
function resize(node: MemoryNode, change: { size?: number }): void {
  if (change.size !== undefined) node.usedBytes = change.size
}

/** The output folder of one run. */
class Sink {
  readonly written: Written[] = []
  readonly links: { path: string; target: string }[] = []
  readonly #writer: ChildWriter
  readonly #order: UnpackOrder
  readonly #open = new Map<MemoryNode, { descriptor: number; entry: Written }>()
  readonly #started: number

  constructor(writer: ChildWriter, order: UnpackOrder) {
    this.#writer = writer
    this.#order = order
    this.#started = writer.budget.spent
  }

  mount(seven: SevenZip): void {
    const files = seven.module.FS
    files.mkdir('/out')
    this.#folder(seven, files.lookupPath('/out').node as unknown as MemoryNode, '')
  }

  /** Gives a folder operations of ours: new folders get the same, new files write to disk, links are only noted. */
  #folder(seven: SevenZip, node: MemoryNode, path: string): void {
    const given = node.node_ops
    const makeNode = given['mknod'] as (
      parent: MemoryNode,
      name: string,
      mode: number,
      device: number,
    ) => MemoryNode
    node.node_ops = {
      ...given,
      mknod: (parent: MemoryNode, name: string, mode: number, device: number): MemoryNode => {
        const made = makeNode(parent, name, mode, device)
        const madePath = path === '' ? name : `${path}/${name}`
        if (seven.module.FS.isDir(mode)) this.#folder(seven, made, madePath)
        else this.#file(made, madePath)
        return made
      },
      symlink: (parent: MemoryNode, name: string, target: string): MemoryNode => {
        this.links.push({ path: path === '' ? name : `${path}/${name}`, target })
        return makeNode(parent, name, 0o100600, 0)
      },
    }
  }

  #file(node: MemoryNode, path: string): void {
    const given = node.stream_ops
    const wanted = this.#order.want(path)
    if (wanted) {
      const file = this.#writer.nextFile()
      const entry = { path, file, size: 0 }
      this.written.push(entry)
      this.#open.set(node, { descriptor: openSync(file, 'wx', 0o600), entry })
    }
    node.node_ops = {
      ...node.node_ops,
      setattr: (made: MemoryNode, change: { size?: number }): void => resize(made, change),
    }
    node.stream_ops = {
      ...given,
      write: (
        _stream: unknown,
        buffer: ArrayBufferView,
        offset: number,
        length: number,
        position: number,
      ): number => {
        const target = this.#open.get(node)
        // What is thrown away costs time too, so it is counted like the rest.
        this.#writer.budget.spend(length)
        if (target) {
          const bytes = new Uint8Array(buffer.buffer, buffer.byteOffset + offset, length)
          for (let at = 0; at < length;)
            at += writeSync(target.descriptor, bytes, at, length - at, position + at)
          target.entry.size = Math.max(target.entry.size, position + length)
        }
        node.usedBytes = Math.max(node.usedBytes ?? 0, position + length)
        return length
      },
      close: (): void => {
        const target = this.#open.get(node)
        if (target) closeSync(target.descriptor)
        this.#open.delete(node)
      },
    }
  }

  close(): void {
    for (const { descriptor } of this.#open.values()) closeSync(descriptor)
  }

  /** `stopped`: the last file was cut by a limit and is not kept. */
  record(stopped: boolean): void {
    const last = this.written.at(-1)
    if (stopped && last) {
      rmSync(last.file, { force: true })
      this.written.pop()
    }
    for (const { path, file, size } of this.written) {
      this.#writer.record(this.#order.rename?.(path) ?? path, file, size, this.#order.facts(path))
    }
  }

  discard(): void {
    for (const { file } of this.written) rmSync(file, { force: true })
    this.written.length = 0
    this.#writer.budget.refund(this.#writer.budget.spent - this.#started)
  }
}
