import { Refusal } from '../../base/refusal.ts'
import { REFUSALS, type RefusalCode } from '../../contract/refusals.ts'

/** Where a verb writes: results on standard output as text or JSON, everything else on standard error. */
export interface Printer {
  readonly json: boolean
  /** One result: `data` for programs, `text` for people. */
  result(data: unknown, text: () => string): void
  /** A line for people; silent with --json. */
  say(line: string): void
  progress(line: string): void
  endProgress(): void
}

/** `live`: redraw the progress line (a terminal); otherwise one line every ten seconds. */
export function createPrinter(json: boolean, live = process.stderr.isTTY): Printer {
  let drawn = false
  let lastMs = 0
  const clear = (): void => {
    if (drawn && live) process.stderr.write('\r\u001b[K')
    drawn = false
  }
  return {
    json,
    result(data, text) {
      clear()
      process.stdout.write(json ? `${JSON.stringify(data)}\n` : `${text()}\n`)
    },
    say(line) {
      clear()
      if (!json) process.stderr.write(`${line}\n`)
    },
    progress(line) {
      const nowMs = Date.now()
      if (!live && nowMs - lastMs < 10_000) return
      lastMs = nowMs
      process.stderr.write(
        live ? `\r\u001b[K${line.slice(0, (process.stderr.columns ?? 100) - 1)}` : `${line}\n`,
      )
      drawn = true
    },
    endProgress: clear,
  }
}

/** Says why a verb ended badly and gives its exit code (the table in `amanat --help`). */
export function reportError(error: unknown, json: boolean): number {
  if (error instanceof Refusal) {
    const known = REFUSALS[error.code as RefusalCode] as { exit: number } | undefined
    if (json)
      process.stdout.write(
        `${JSON.stringify({ refused: error.code, detail: error.detail, facts: error.facts })}\n`,
      )
    process.stderr.write(`${error.detail}\n`)
    return known?.exit ?? (error.code === 'fault' ? 1 : 3)
  }
  process.stderr.write(
    `Amanat failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  )
  return 1
}

/** `1536` → `1.5 KiB`. */
export function formatBytes(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB']
  const step = bytes < 1024 ? 0 : Math.min(4, Math.floor(Math.log2(bytes) / 10))
  return `${step === 0 ? bytes : (bytes / 1024 ** step).toFixed(1)} ${units[step]}`
}

/** `75` → `1 min 15 s`. */
export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–'
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}

/** Columns padded with spaces; the last one is left as it is. Isolates keep right-to-left cells from reordering a line. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => widthOf(row[column] ?? '')))) ?? []
  return rows
    .map((row) =>
      row
        .map(
          (cell, column) =>
            isolate(cell) +
            (column === row.length - 1 ? '' : ' '.repeat((widths[column] ?? 0) - widthOf(cell) + 2)),
        )
        .join(''),
    )
    .join('\n')
}

/** Characters that take up room: isolates do not. */
function widthOf(cell: string): number {
  return [...cell.replace(/[\u2066-\u2069]/g, '')].length
}

/** Wraps right-to-left text in first-strong isolates, so that what follows keeps its place. Once is enough. */
export function isolate(text: string): string {
  if (/^\u2068[^\u2068\u2069]*\u2069$/.test(text)) return text
  return /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/.test(text) ? `\u2068${text}\u2069` : text
}
