/**
 * Three calendars over one count: days since 1970-01-01 (Gregorian), negative before it.
 *
 * - Gregorian: proleptic.
 * - Solar Hijri (Afghanistan and Iran): the 33-year rule, which agrees with the equinox for every year from
 *   1178 to 1501; outside it may differ by a day. Checked against ICU day by day for 1300–1500.
 * - Lunar Hijri: Umm al-Qura tables (ICU's) for 1300–1600, tabular civil outside. A month seen from Kabul may
 *   begin a day later: a lunar date is therefore never more exact than ± 1 day.
 */
export type Calendar = 'gregorian' | 'solar-hijri' | 'lunar-hijri'

export interface CalendarDate {
  readonly calendar: Calendar
  readonly year: number
  readonly month: number
  readonly day: number
}

const DAY_MS = 86_400_000
const GREGORIAN_LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const SOLAR_EPOCH = -492_268 // 1 Farvardin 1, before its leap days are counted
const LUNAR_EPOCH = -492_148 // 1 Muharram 1, tabular civil

/** Days since 1970-01-01 of a valid date; null where the calendar has no such day. */
export function toDay(date: CalendarDate): number | null {
  const { calendar, year, month, day } = date
  if (![year, month, day].every(Number.isInteger) || month < 1 || month > 12 || day < 1) return null
  if (year < 1 || year > 9999 || day > daysInMonth(calendar, year, month)) return null
  return firstOfMonth(calendar, year, month) + day - 1
}

/** The date on which a day falls. */
export function fromDay(calendar: Calendar, day: number): CalendarDate {
  if (calendar === 'gregorian') return fromGregorianDay(day)
  const guess =
    calendar === 'solar-hijri'
      ? Math.floor((day - SOLAR_EPOCH) / 365.2424) + 1
      : Math.floor((day - LUNAR_EPOCH) / 354.36667) + 1
  let year = guess + 1
  while (firstOfMonth(calendar, year, 1) > day) year--
  let month = 12
  while (firstOfMonth(calendar, year, month) > day) month--
  return { calendar, year, month, day: day - firstOfMonth(calendar, year, month) + 1 }
}

/** How many days a month has: 28–31. */
export function daysInMonth(calendar: Calendar, year: number, month: number): number {
  if (calendar === 'gregorian')
    return month === 2 && isGregorianLeap(year) ? 29 : GREGORIAN_LENGTHS[month - 1]!
  if (calendar === 'solar-hijri') return month <= 6 ? 31 : month <= 11 || isSolarLeap(year) ? 30 : 29
  const next = month === 12 ? firstOfMonth(calendar, year + 1, 1) : firstOfMonth(calendar, year, month + 1)
  return next - firstOfMonth(calendar, year, month)
}

/** A Solar Hijri year of 366 days; right for 1178–1501. */
export function isSolarLeap(year: number): boolean {
  return (25 * year + 11) % 33 < 8
}

/** `YYYY-MM-DD` in the date's own calendar. */
export function printDate(date: CalendarDate): string {
  const pad = (value: number, width: number): string => String(value).padStart(width, '0')
  return `${pad(date.year, 4)}-${pad(date.month, 2)}-${pad(date.day, 2)}`
}

function firstOfMonth(calendar: Calendar, year: number, month: number): number {
  if (calendar === 'gregorian') return gregorianDay(year, month)
  if (calendar === 'lunar-hijri') return lunarFirst(year, month)
  const before = month <= 7 ? 31 * (month - 1) : 30 * (month - 1) + 6
  return SOLAR_EPOCH + 365 * (year - 1) + Math.floor((8 * year + 21) / 33) + before
}

function isGregorianLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
}

function gregorianDay(year: number, month: number): number {
  const start = new Date(0)
  start.setUTCFullYear(year, month - 1, 1)
  return Math.round(start.getTime() / DAY_MS)
}

function fromGregorianDay(day: number): CalendarDate {
  const at = new Date(day * DAY_MS)
  return {
    calendar: 'gregorian',
    year: at.getUTCFullYear(),
    month: at.getUTCMonth() + 1,
    day: at.getUTCDate(),
  }
}

const lunarMonths = new Map<number, number>()
let ummAlQura: Intl.DateTimeFormat | undefined

/** First day of a lunar month: the tabular day, moved to where ICU's Umm al-Qura month begins. */
function lunarFirst(year: number, month: number): number {
  const key = year * 12 + month
  const known = lunarMonths.get(key)
  if (known !== undefined) return known
  const tabular =
    LUNAR_EPOCH + 354 * (year - 1) + Math.floor((3 + 11 * year) / 30) + Math.ceil(29.5 * (month - 1))
  const first = year < 1300 || year > 1600 ? tabular : alignToUmmAlQura(tabular, year, month)
  lunarMonths.set(key, first)
  return first
}

function alignToUmmAlQura(tabular: number, year: number, month: number): number {
  for (let day = tabular - 4; day <= tabular + 4; day++) {
    const read = readUmmAlQura(day)
    if (read.year === year && read.month === month && read.day === 1) return day
  }
  return tabular
}

function readUmmAlQura(day: number): { year: number; month: number; day: number } {
  ummAlQura ??= new Intl.DateTimeFormat('en-u-ca-islamic-umalqura-nu-latn', {
    timeZone: 'UTC',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
  })
  const read = { year: 0, month: 0, day: 0 }
  for (const { type, value } of ummAlQura.formatToParts(day * DAY_MS))
    if (type === 'year' || type === 'month' || type === 'day') read[type] = Number.parseInt(value, 10)
  return read
}
