import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readPeriod } from './calendar-period.ts'
import { fromDay, isSolarLeap, printDate, toDay, type Calendar } from './calendar.ts'

const DAY_MS = 86_400_000

function readByIcu(calendar: string): (day: number) => string {
  const format = new Intl.DateTimeFormat(`en-u-ca-${calendar}-nu-latn`, {
    timeZone: 'UTC',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
  })
  return (day) => {
    const part = Object.fromEntries(format.formatToParts(day * DAY_MS).map((p) => [p.type, p.value]))
    return `${Number.parseInt(part['year'] ?? '', 10)}/${part['month']}/${part['day']}`
  }
}

function compareEveryDay(calendar: Calendar, icu: string, firstYear: number, lastYear: number): void {
  const first = toDay({ calendar, year: firstYear, month: 1, day: 1 })!
  const last = toDay({ calendar, year: lastYear + 1, month: 1, day: 1 })!
  const read = readByIcu(icu)
  for (let day = first; day < last; day++) {
    const ours = fromDay(calendar, day)
    assert.equal(`${ours.year}/${ours.month}/${ours.day}`, read(day))
    assert.equal(toDay(ours), day)
  }
}

test('Solar Hijri agrees with ICU on every day of 1300 to 1500', () => {
  compareEveryDay('solar-hijri', 'persian', 1300, 1500)
})

test('lunar Hijri agrees with Umm al-Qura on every day of 1400 to 1500', () => {
  compareEveryDay('lunar-hijri', 'islamic-umalqura', 1400, 1500)
})

test('known days: the fall of Kabul, Nawruz of leap years', () => {
  const kabul = toDay({ calendar: 'gregorian', year: 2021, month: 8, day: 15 })!
  assert.equal(printDate(fromDay('solar-hijri', kabul)), '1400-05-24')
  assert.equal(
    printDate(fromDay('lunar-hijri', kabul)),
    '1443-01-07',
    'Umm al-Qura; Kabul began the month a day later',
  )
  assert.deepEqual(
    [1395, 1399, 1403, 1408, 1412].map(isSolarLeap),
    [true, true, true, true, true],
    'leap years as published by the calendar centre in Tehran',
  )
  assert.equal(isSolarLeap(1404), false)
})

test('a day that no calendar has is refused', () => {
  assert.equal(toDay({ calendar: 'gregorian', year: 2023, month: 2, day: 29 }), null)
  assert.equal(toDay({ calendar: 'solar-hijri', year: 1402, month: 12, day: 30 }), null)
  assert.equal(readPeriod('1402-13'), null)
  assert.equal(readPeriod('hello'), null)
})

test('a period is read in the calendar of its year or of its letter', () => {
  const year = readPeriod('1402')!
  assert.equal(year.calendar, 'solar-hijri')
  assert.equal(printDate(fromDay('gregorian', year.firstDay!)), '2023-03-21')
  assert.equal(printDate(fromDay('gregorian', year.lastDay!)), '2024-03-19')
  assert.equal(readPeriod('1445ah')!.calendar, 'lunar-hijri')
  assert.equal(readPeriod('2023-08')!.lastDay! - readPeriod('2023-08')!.firstDay!, 30)
})
