import { fromDay, printDate, toDay, type Calendar } from '../../../../base/calendar.ts'

/** Dates of chat exports: any digits, any order of day, month and year, four calendars. */

export interface DateOrder {
  readonly pattern: 'day/month/year' | 'month/day/year' | 'year/month/day'
  readonly calendar: Calendar | 'buddhist'
  /** False where nothing in the chat tells day from month. */
  readonly certain: boolean
}

type Numbers = readonly [number, number, number]

/** Finds the order that all dates of one export agree with; exports are in the order of time. */
export function orderOf(dates: readonly string[]): DateOrder {
  const read = [...new Set(dates)]
    .slice(0, 20_000)
    .map(numbersOf)
    .filter((numbers) => numbers !== null)
  const yearFirst = read.some(([first]) => first > 31)
  const year = yearFirst
    ? Math.max(...read.map(([first]) => first))
    : Math.max(0, ...read.map(([, , last]) => last))
  const calendar = calendarOf(year)
  if (yearFirst) return { pattern: 'year/month/day', calendar, certain: true }
  if (read.some(([first]) => first > 12)) return { pattern: 'day/month/year', calendar, certain: true }
  if (read.some(([, second]) => second > 12)) return { pattern: 'month/day/year', calendar, certain: true }
  const [asDay, asMonth] = [
    disorder(read, ([day, month, last]) => [last, month, day]),
    disorder(read, ([month, day, last]) => [last, month, day]),
  ]
  if (asDay === asMonth) return { pattern: 'day/month/year', calendar, certain: false }
  return { pattern: asDay < asMonth ? 'day/month/year' : 'month/day/year', calendar, certain: true }
}

/** A year tells its calendar: the four do not overlap for anything a phone can have written. */
function calendarOf(year: number): DateOrder['calendar'] {
  if (year > 2_400) return 'buddhist'
  if (year >= 1_330 && year < 1_420) return 'solar-hijri'
  return year >= 1_420 && year < 1_500 ? 'lunar-hijri' : 'gregorian'
}

function disorder(dates: readonly Numbers[], order: (numbers: Numbers) => Numbers): number {
  let [backwards, before] = [0, 0]
  for (const date of dates) {
    const [year, month, day] = order(date)
    const value = year * 10_000 + month * 100 + day
    if (value < before) backwards += 1
    before = value
  }
  return backwards
}

function numbersOf(date: string): Numbers | null {
  const [first, second, third] = digitsOf(date)
    .split(/[^0-9]+/)
    .filter((piece) => piece !== '')
    .map(Number)
  return first === undefined || second === undefined || third === undefined ? null : [first, second, third]
}

/**
 * Local time without a zone, ISO-shaped, turned to the Gregorian calendar; null where it does not read
 * as a date. Two-digit years are of this century.
 */
export function readDate(date: string, time: string, order: DateOrder): string | null {
  const numbers = numbersOf(date)
  if (numbers === null) return null
  const [a, b, c] = numbers
  const [year, month, day] =
    order.pattern === 'year/month/day'
      ? [a, b, c]
      : order.pattern === 'day/month/year'
        ? [c, b, a]
        : [c, a, b]
  const clock = clockOf(time)
  if (month < 1 || month > 12 || day < 1 || day > 31 || clock === null) return null
  const day0 =
    order.calendar === 'buddhist'
      ? dayOf('gregorian', year - 543, month, day)
      : dayOf(order.calendar, year < 100 ? year + 2_000 : year, month, day)
  return day0 === null ? null : `${printDate(fromDay('gregorian', day0))}T${clock}`
}

function dayOf(calendar: Calendar, year: number, month: number, day: number): number | null {
  return toDay({ calendar, year, month, day })
}

const AFTERNOON = /^(pm|p\.?\s?m\.?|م|ب\.?\s?ظ\.?|غ\.?\s?م\.?|чыгыш|пп|nachm\.?|下午)$/i
const MORNING = /^(am|a\.?\s?m\.?|ص|ق\.?\s?ظ\.?|غ\.?\s?م|дп|vorm\.?|上午)$/i

function clockOf(time: string): string | null {
  const match = /^(\d{1,2})[:.٫](\d{2})(?:[:.٫](\d{2}))?\s*(.*)$/u.exec(
    digitsOf(time)
      .replaceAll(/[\u00a0\u202f\u200e\u200f]/g, ' ')
      .trim(),
  )
  if (match === null) return null
  const mark = (match[4] ?? '').trim()
  let hour = Number(match[1])
  if (AFTERNOON.test(mark) && hour < 12) hour += 12
  else if (MORNING.test(mark) && hour === 12) hour = 0
  if (hour > 23) return null
  return `${two(hour)}:${match[2]}${match[3] === undefined ? '' : `:${match[3]}`}`
}

/** Persian, Arabic and other decimal digits as ASCII. */
export function digitsOf(text: string): string {
  return text.replaceAll(/\p{Nd}/gu, (digit) => {
    const code = digit.codePointAt(0) ?? 48
    for (const zero of [0x30, 0x660, 0x6f0, 0x966, 0x9e6, 0x1040, 0xe50])
      if (code >= zero && code < zero + 10) return String(code - zero)
    return digit
  })
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
