import { callForBytes } from '../app/call.ts'
import type { Asked } from './asked.ts'

/** Everything that a query finds, as a file; logged by the desk as an export. */
export async function saveCsv(asked: Asked): Promise<void> {
  const bytes = await callForBytes('POST /api/search/export', {
    body: { query: asked.query, sort: asked.sort },
  })
  const link = document.createElement('a')
  link.href = URL.createObjectURL(bytes)
  link.download = 'search.csv'
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
