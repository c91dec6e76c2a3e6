import { sql } from 'kysely'
import { SYSTEM_ACTOR } from '../../platform/actor.ts'
import { inTransaction, type Desk } from '../../platform/tx.ts'

/**
 * The first of `howMany` numbers that were never given before, in a transaction of its own: what is taken and not
 * used is a gap. Never call it inside another transaction: it needs a connection of its own.
 */
export async function takeNumbers(desk: Desk, counter: string, howMany: number): Promise<number> {
  const [first] = await takeFrom(desk, [counter], howMany)
  return first as number
}

/** Each counter's first number. Counters are always taken in the order given: two takers never block each other. */
async function takeFrom(desk: Desk, counters: readonly string[], howMany: number): Promise<number[]> {
  const { rows } = await inTransaction(desk, SYSTEM_ACTOR, (tx) =>
    sql<{ first: number }>`select evidence.take_numbers(c.name, ${howMany}) as first
      from unnest(${counters}::text[]) with ordinality as c (name, nth) order by c.nth`.execute(tx.sql),
  )
  if (rows.length !== counters.length) throw new Error('a counter gave no number')
  return rows.map((row) => row.first)
}

/** A number taken for a registration: how it is written, and its place in the order of registrations. */
export interface RegistrationNumber {
  readonly written: string
  readonly order: number
}

/**
 * Takes registration numbers. The desk's pattern knows {yyyy} (the year in the desk's time zone: counting begins
 * anew) and {n} or {n:6} (the number, filled with zeros).
 */
export async function takeRegistrationNumbers(desk: Desk, howMany: number): Promise<RegistrationNumber[]> {
  const { registrationPattern: pattern, timeZone } = desk.config
  const year = new Intl.DateTimeFormat('en', { timeZone, year: 'numeric', calendar: 'gregory' }).format(
    desk.now(),
  )
  const inYear = pattern.replaceAll('{yyyy}', year)
  const counters = [`registration ${inYear}`, 'registration order']
  const [first = NaN, order = NaN] = await takeFrom(desk, counters, howMany)
  return Array.from({ length: howMany }, (_, at) => ({
    written: inYear.replace(/\{n(?::(\d{1,2}))?\}/g, (_whole, width?: string) =>
      String(first + at).padStart(Number(width ?? 0), '0'),
    ),
    order: order + at,
  }))
}
