import { daysInMonth, toDay, type Calendar } from './calendar.ts'

/** How exactly a date is known. */
export type Precision = 'day' | 'month' | 'year' | 'range' | 'before' | 'after'

/**
 * A date as it is known: which days it may mean, how exactly, and in which calendar it was written.
 * `firstDay`, `lastDay`: days since 1970-01-01, both included; null where it is open.
 */
export interface Period {
  readonly calendar: Calendar
  readonly precision: Precision
  readonly firstDay: number | null
  readonly lastDay: number | null
}

const WRITTEN = /^(\d{3,4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?\s*(sh|ah|ce|ش|ق|م)?$/i
const CALENDARS: Readonly<Record<string, Calendar>> = {
  sh: 'solar-hijri',
  ش: 'solar-hijri',
  ah: 'lunar-hijri',
  ق: 'lunar-hijri',
  ce: 'gregorian',
  م: 'gregorian',
}

/**
 * Reads `1402`, `1402-05`, `1402/5/24`, `2023-08-15`; ASCII digits. Null where no calendar has such a date.
 *
 * A year from 1200 to 1599 is Solar Hijri unless a letter says otherwise: `1445ah` (ق) lunar, `1402sh` (ش)
 * solar, `2023ce` (م) Gregorian.
 */
export function readPeriod(written: string): Period | null {
  const match = WRITTEN.exec(written.trim())
  if (!match) return null
  const year = Number(match[1])
  const calendar =
    CALENDARS[(match[4] ?? '').toLowerCase()] ?? (year >= 1200 && year < 1600 ? 'solar-hijri' : 'gregorian')
  const month = match[2] === undefined ? null : Number(match[2])
  const day = match[3] === undefined ? null : Number(match[3])
  if (month !== null && (month < 1 || month > 12)) return null
  const lastMonth = month ?? 12
  const firstDay = toDay({ calendar, year, month: month ?? 1, day: day ?? 1 })
  const lastDay = toDay({
    calendar,
    year,
    month: lastMonth,
    day: day ?? daysInMonth(calendar, year, lastMonth),
  })
  if (firstDay === null || lastDay === null) return null
  return { calendar, precision: day !== null ? 'day' : month !== null ? 'month' : 'year', firstDay, lastDay }
}
