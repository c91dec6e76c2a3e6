/** One measured figure. `bar`: what DESIGN §9 asks; `baseline`: the same work done plainly, in the same run. */
export interface BenchRow {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly baseline?: { readonly name: string; readonly value: number }
  /** The bar in words, and whether the figure meets it. */
  readonly bar?: string
  readonly met?: boolean
  readonly note?: string
}

export interface BenchTable {
  readonly title: string
  readonly rows: readonly BenchRow[]
}

/** A benchmark: `small` runs the same on less, for a quick look. */
export type Bench = (options: { readonly small: boolean; say(line: string): void }) => Promise<BenchTable[]>

/** The table as Markdown, as it stands in bench/RESULTS.md. */
export function formatTable(table: BenchTable): string {
  const head = '| what | measured | baseline in the same run | ratio | bar | met |\n|---|---|---|---|---|---|'
  const rows = table.rows.map((row) => {
    const base = row.baseline ? `${row.baseline.name}: ${figure(row.baseline.value)} ${row.unit}` : ''
    const ratio = row.baseline ? (row.value / row.baseline.value).toFixed(2) : ''
    const met = row.met === undefined ? '' : row.met ? 'yes' : '**no**'
    return `| ${row.name}${row.note ? ` (${row.note})` : ''} | ${figure(row.value)} ${row.unit} | ${base} | ${ratio} | ${row.bar ?? ''} | ${met} |`
  })
  return [`### ${table.title}`, '', head, ...rows, ''].join('\n')
}

function figure(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en')
  return value >= 10 ? value.toFixed(1) : value.toPrecision(3)
}

/** The value below which the share `p` (0…1) of the sorted sample lies. */
export function percentile(sample: readonly number[], p: number): number {
  const sorted = [...sample].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? Number.NaN
}
