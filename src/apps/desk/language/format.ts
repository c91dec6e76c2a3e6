import { languageTag, type CalendarChoice, type Preferences, usePreferences } from './preferences.ts'

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const

/** Numbers, sizes, dates and spans as the reader reads them. */
export interface Format {
  number(value: number): string
  bytes(value: number): string
  date(instant: string, calendar?: CalendarChoice): string
  dateTime(instant: string, calendar?: CalendarChoice): string
  /** The same moment in the calendar that the reader did not choose. */
  otherDate(instant: string): string
  seconds(value: number): string
  /** A Gregorian day `YYYY-MM-DD`, said in the reader's calendar. */
  day(day: string, calendar?: CalendarChoice): string
}

const made = new Map<string, Format>()

export function useFormat(): Format {
  const chosen = usePreferences()
  const key = `${chosen.language} ${chosen.calendar} ${chosen.numerals}`
  let format = made.get(key)
  if (!format) made.set(key, (format = makeFormat(chosen)))
  return format
}

function makeFormat(chosen: Preferences): Format {
  const digits = chosen.numerals === 'western' || chosen.language === 'en' ? 'latn' : 'arabext'
  const tag = languageTag(chosen.language)
  const locale = `${tag}-u-nu-${digits}`
  const dated = (calendar: CalendarChoice, parts: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
    new Intl.DateTimeFormat(
      `${tag}-u-ca-${calendar === 'gregorian' ? 'gregory' : 'persian'}-nu-${digits}`,
      parts,
    )
  const both = (parts: Intl.DateTimeFormatOptions): Record<CalendarChoice, Intl.DateTimeFormat> => ({
    gregorian: dated('gregorian', parts),
    'solar-hijri': dated('solar-hijri', parts),
  })
  const dateOnly = both({ year: 'numeric', month: 'long', day: 'numeric' })
  const withTime = both({
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  })
  const dayOnly = both({ year: 'numeric', month: 'long', day: 'numeric', timeZone: 'UTC' })
  const plain = new Intl.NumberFormat(locale)
  const other: CalendarChoice = chosen.calendar === 'gregorian' ? 'solar-hijri' : 'gregorian'
  return {
    number: (value) => plain.format(value),
    bytes: (value) => sayBytes(locale, value),
    date: (instant, calendar = chosen.calendar) => dateOnly[calendar].format(new Date(instant)),
    dateTime: (instant, calendar = chosen.calendar) => withTime[calendar].format(new Date(instant)),
    otherDate: (instant) => dateOnly[other].format(new Date(instant)),
    seconds: (value) => saySeconds(locale, value),
    day: (day, calendar = chosen.calendar) => dayOnly[calendar].format(new Date(`${day}T00:00:00Z`)),
  }
}

function sayBytes(locale: string, bytes: number): string {
  const step = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3))
  const unit = UNITS[step] ?? 'byte'
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit,
    unitDisplay: step === 0 ? 'long' : 'short',
    maximumFractionDigits: step > 1 ? 1 : 0,
  }).format(bytes / 1000 ** step)
}

function saySeconds(locale: string, seconds: number): string {
  const [unit, size] =
    seconds < 90
      ? (['second', 1] as const)
      : seconds < 5400
        ? (['minute', 60] as const)
        : (['hour', 3600] as const)
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit,
    unitDisplay: 'long',
    maximumFractionDigits: unit === 'hour' ? 1 : 0,
  }).format(seconds / size)
}
