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
  // Browsers have no short months in Dari: what they give is long, and in the American order.
  const short = both({
    year: 'numeric',
    month: chosen.language === 'en' ? 'short' : 'long',
    day: 'numeric',
  })
  const dateOnly = both({ year: 'numeric', month: 'long', day: 'numeric' })
  const clock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' })
  const comma = chosen.language === 'en' ? ', ' : '، '
  const dayOnly = both({ year: 'numeric', month: 'long', day: 'numeric', timeZone: 'UTC' })
  const plain = new Intl.NumberFormat(locale)
  const other: CalendarChoice = chosen.calendar === 'gregorian' ? 'solar-hijri' : 'gregorian'
  return {
    number: (value) => plain.format(value),
    bytes: (value) => sayBytes(locale, value),
    date: (instant, calendar = chosen.calendar) => say(dateOnly[calendar], new Date(instant)),
    dateTime: (instant, calendar = chosen.calendar) =>
      `${say(short[calendar], new Date(instant))}${comma}${clock.format(new Date(instant))}`,
    otherDate: (instant) => say(short[other], new Date(instant)),
    seconds: (value) => saySeconds(locale, value),
    day: (day, calendar = chosen.calendar) => say(dayOnly[calendar], new Date(`${day}T00:00:00Z`)),
  }
}

/** The Solar Hijri months as Afghanistan names them; browsers' English knows only Iran's names. */
const MONTHS = [
  'Hamal',
  'Sawr',
  'Jawza',
  'Saratan',
  'Asad',
  'Sonbola',
  'Mizan',
  'Aqrab',
  'Qaws',
  'Jadi',
  'Dalw',
  'Hut',
] as const

function say(dated: Intl.DateTimeFormat, moment: Date): string {
  const { calendar, locale, timeZone } = dated.resolvedOptions()
  if (calendar !== 'persian' || !locale.startsWith('en')) return dated.format(moment)
  const numbers = new Intl.DateTimeFormat('en-u-ca-persian-nu-latn', {
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    timeZone,
  }).formatToParts(moment)
  const number = (type: string): number => Number(numbers.find((part) => part.type === type)?.value)
  return `${number('day')} ${MONTHS[number('month') - 1] ?? ''} ${number('year')}`
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
