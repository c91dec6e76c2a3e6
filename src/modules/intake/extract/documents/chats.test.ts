import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { readBytes } from '../../../../../test/extract/read-bytes.ts'
import { orderOf, readDate } from './chat-dates.ts'
import { ObjectFinder } from './json-messages.ts'

const fixtures = join(import.meta.dirname, '../../../../../test/fixtures/documents')
const read = (name: string) => readBytes(name, readFileSync(join(fixtures, name)))

test('WhatsApp of Android: threads, several lines, attachments, omitted media, notices', async () => {
  const chat = await read('whatsapp-android.txt')
  assert.equal(chat.result.parts.length, 6)
  assert.equal(
    chat.result.parts[1]?.text,
    'Zarghuna (sample): The convoy left at dawn.\nThree lorries, no plates.',
  )
  assert.deepEqual(chat.result.parts[1]?.locator, {
    message: '2',
    sender: 'Zarghuna (sample)',
    writtenAt: '31/12/2023 22:59',
    time: '2023-12-31T22:59',
  })
  assert.equal(chat.result.parts[2]?.locator.attachment, 'IMG-20231231-WA0001.jpg')
  assert.equal(chat.result.parts[4]?.locator.system, true)
  assert.equal(chat.result.parts[5]?.locator.edited, true)
  assert.deepEqual(chat.codes, ['missing-attachment'])
})

test('WhatsApp of iOS: month first, twelve hours, marks of direction', async () => {
  const chat = await read('whatsapp-ios.txt')
  assert.equal(chat.found('chat.dateOrder'), 'month/day/year')
  assert.deepEqual(chat.result.parts[2]?.locator, {
    message: '3',
    sender: 'Laila (sample)',
    writtenAt: '1/1/24 12:05:41\u202fAM',
    time: '2024-01-01T00:05:41',
    attachment: '00000003-PHOTO-2024-01-01-00-05-41.jpg',
  })
  assert.match(chat.result.notices[0]?.words ?? '', /^1 media/)
})

test('WhatsApp in Persian: digits and calendar of its own', async () => {
  const chat = await read('whatsapp-persian.txt')
  const second = chat.result.parts[1]
  assert.equal(second?.text, 'زرغونه (نمونه): کاروان سپیده‌دم حرکت کرد\nسه لاری بدون پلیت')
  assert.deepEqual([second?.locator.time, second?.locator.calendar], ['2023-12-31T22:16', 'solar-hijri'])
  assert.equal(chat.result.parts[2]?.locator.attachment, 'IMG-20240101-WA0002.jpg')
})

test('day and month that cannot be told apart are said to be a guess', async () => {
  const chat = await readBytes(
    'chat.txt',
    Buffer.from('01/02/2024, 10:00 - A: x\n01/02/2024, 10:01 - B: y\n'),
  )
  assert.ok(chat.codes.includes('encoding-guess'))
  assert.match(String(chat.found('chat.dateOrder')), /a guess/)
})

test('the order of days settles what the numbers leave open', () => {
  assert.equal(orderOf(['01/02/2024', '02/02/2024', '03/02/2024', '01/03/2024']).pattern, 'day/month/year')
  assert.equal(orderOf(['02/01/2024', '02/02/2024', '02/03/2024', '03/01/2024']).pattern, 'month/day/year')
  assert.equal(readDate('2567/1/31', '10:00', orderOf(['2567/1/31'])), '2024-01-31T10:00')
  assert.equal(readDate('31/12/23', '12:05 ق.ظ', orderOf(['31/12/23'])), '2023-12-31T00:05')
  assert.equal(readDate('99/99/2023', '10:00', orderOf(['31/12/2023'])), null)
})

test('Telegram JSON: all chats, times in UTC with the zone they were written in', async () => {
  const chat = await read('telegram-result.json')
  assert.equal(chat.result.parts.length, 5)
  const [, second, third, fourth] = chat.result.parts
  assert.equal(second?.text, 'Laila (sample): Look at this [list] at page (https://example.org/a)')
  assert.deepEqual(
    [second?.locator.time, second?.locator.zone, second?.locator.editedAt],
    ['2024-01-01T03:31:00.000Z', '+04:30', '2024-01-01T08:02:00'],
  )
  assert.equal(second?.locator.chat, 'Sample {thread} "one"')
  assert.deepEqual(
    [third?.locator.forwardedFrom, third?.locator.replyTo, third?.locator.attachment],
    ['Sample Channel', '2', 'photos/photo_1@01-01-2024.jpg'],
  )
  assert.match(fourth?.text ?? '', /location 34\.5, 69\.2/)
  assert.deepEqual(chat.codes, ['missing-attachment'])
})

test('Telegram HTML says what Telegram JSON says', async () => {
  const chat = await read('telegram-messages.html')
  const joined = chat.result.parts.find((part) => part.locator.message === '13')
  assert.deepEqual(
    [joined?.locator.sender, joined?.locator.replyTo, joined?.locator.attachment],
    ['Laila (sample)', '12', 'photos/photo_1.jpg'],
  )
  const forwarded = chat.result.parts.find((part) => part.locator.message === '14')
  assert.deepEqual(
    [forwarded?.text, forwarded?.locator.forwardedFrom],
    ['Karim (sample): Forwarded words', 'Sample Channel'],
  )
  assert.equal(chat.result.parts[1]?.text, 'Laila (sample): The convoy left.\nThree lorries & a car.')
})

test('an export cut off in a message gives the messages before it', async () => {
  const whole = readFileSync(join(fixtures, 'telegram-result.json'))
  const chat = await readBytes('result.json', whole.subarray(0, whole.indexOf('"id": 4')))
  assert.equal(chat.result.parts.length, 3)
  assert.deepEqual([chat.codes, chat.result.outcome], [['recovered'], 'partly'])
})

test('messages are found whole however the stream is cut', () => {
  const message = fc.record({
    id: fc.nat(),
    text: fc.string({ unit: 'grapheme' }),
    more: fc.array(fc.record({ messages: fc.array(fc.string(), { maxLength: 2 }) }), { maxLength: 2 }),
  })
  fc.assert(
    fc.property(
      fc.string(),
      fc.array(message, { maxLength: 5 }),
      fc.integer({ min: 1, max: 50 }),
      (name, messages, step) => {
        const text = JSON.stringify({ name, note: '{"messages": [{"x": 1}]}', messages, after: 1 })
        const found: unknown[] = []
        const finder = new ObjectFinder('messages', (object) => {
          assert.equal(object.around.name, name)
          found.push(JSON.parse(object.text))
        })
        for (let at = 0; at < text.length; at += step) finder.write(text.slice(at, at + step))
        assert.deepEqual(found, JSON.parse(JSON.stringify(messages)))
        assert.equal(finder.unfinished, false)
      },
    ),
  )
})
