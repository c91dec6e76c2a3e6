import { listItems, type ItemListQuery } from '../src/modules/evidence/list.ts'
import { inTransaction } from '../src/platform/tx.ts'
import { openEvidenceBench, type EvidenceBench } from './intake-desk.ts'
import { percentile, type Bench, type BenchRow } from './table.ts'

const ROUNDS = 20
const BAR_MS = 100
const SORTS = ['received', 'registered', 'name', 'size', 'type'] as const
const FILTERS: Readonly<Record<string, Partial<ItemListQuery>>> = {
  'no filter': {},
  'a common state': { state: ['processed'] },
  'a rare state': { state: ['quarantined'] },
  'a rare language': { language: ['uig'] },
  'a family': { family: ['mail'] },
  'a classification': { classification: ['confidential'] },
  'letters in the name, many': { name: 'report' },
  'letters in the name, few': { name: 'report-77777' },
  'a month': { dateFrom: '2023-08', dateTo: '2023-08' },
  'legal hold': { hold: true },
  'rare language and rare state': { language: ['uig'], state: ['quarantined'] },
}

/** Pages of one million items: every offered sort with every filter, first page and one behind it. */
export const bench: Bench = async ({ small, say }) => {
  const at = await openEvidenceBench()
  try {
    const count = small ? 100_000 : 1_000_000
    await fill(at, count)
    say(`${count} items made`)
    const rows: BenchRow[] = []
    for (const [name, filter] of Object.entries(FILTERS)) rows.push(await measure(at, name, filter))
    return [{ title: `Lists over ${count.toLocaleString('en')} items, page of 50, worst sort`, rows }]
  } finally {
    await at.close()
  }
}

async function measure(at: EvidenceBench, name: string, filter: Partial<ItemListQuery>): Promise<BenchRow> {
  let worst = { sort: '', p95: 0 }
  for (const sort of SORTS) {
    const times: number[] = []
    let after: string | undefined
    for (let round = 0; round < ROUNDS; round++) {
      const query = { ...filter, sort, order: round % 2 === 0 ? 'desc' : 'asc', limit: 50, after } as const
      const start = performance.now()
      const page = await inTransaction(at.desk, at.officer, (tx) => listItems(tx, query))
      times.push(performance.now() - start)
      after = round % 2 === 0 ? undefined : (page.next ?? undefined)
    }
    const p95 = percentile(times, 0.95)
    if (p95 >= worst.p95) worst = { sort, p95 }
  }
  return {
    name,
    value: worst.p95,
    unit: 'ms p95',
    bar: `< ${BAR_MS} ms`,
    met: worst.p95 < BAR_MS,
    note: `worst sort: ${worst.sort}`,
  }
}

/** Made as the owner, behind every verb's back: what is measured is reading. */
async function fill({ owner, compartmentId, collectionId }: EvidenceBench, count: number): Promise<void> {
  for (let from = 0; from < count; from += 50_000) {
    await owner.query(
      `insert into evidence.item (id, collection_id, compartment_id, kind, state, registration_number, registration_order,
        registered_at, registered_entry, name, name_key, path, format, family, size_bytes, address, sha256, language,
        classification, legal_hold, content_written, content_calendar, content_precision, content_days, received_at,
        received_entry, reading, quarantine_reason, quarantined_at)
      select gen_random_uuid(), $1, $2, 'digital', case when n % 10007 = 0 then 'quarantined' else 'processed' end,
        '2026-' || n, n, now(), gen_random_uuid(), w || n || '.' || f, w || n || '.' || f, w || n, f,
        case f when 'eml' then 'mail' else 'document' end, (n::bigint * 7919) % 50000000, md5(n::text), sha256(n::text::bytea),
        case when n % 5003 = 0 then 'uig' when n % 3 = 0 then 'fas' else 'eng' end,
        case when n % 4 = 0 then 'confidential' else 'internal' end, n % 20011 = 0,
        '2023', 'gregorian', 'day', daterange(d, d, '[]'), now() - n * interval '1 second', gen_random_uuid(), 'read',
        case when n % 10007 = 0 then 'malware' end, now()
      from generate_series($3::int, $4::int) n,
        lateral (select (array['report-', 'letter-', 'photo-'])[n % 3 + 1] as w, (array['pdf', 'eml', 'docx', 'jpg'])[n % 4 + 1] as f,
          date '2020-01-01' + n % 2200 as d) v`,
      [collectionId, compartmentId, from + 1, Math.min(count, from + 50_000)],
    )
  }
  await owner.query('vacuum analyze evidence.item')
}
