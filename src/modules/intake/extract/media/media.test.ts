import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { codesOf, readWith, valueOf } from '../../../../../test/fixtures/containers/read.ts'
import { imageExtractor } from './image.ts'
import { placeOf } from './places.ts'
import { recordingExtractor } from './recording.ts'
import { deflateSync, crc32 } from 'node:zlib'

/** A TIFF directory as EXIF carries it, little-endian. Values longer than four bytes stand behind it. */
function directory(
  entries: readonly (readonly [tag: number, type: number, count: number, value: Buffer])[],
  at: number,
): Buffer {
  const head = Buffer.alloc(2 + entries.length * 12 + 4)
  head.writeUInt16LE(entries.length, 0)
  const tail: Buffer[] = []
  let free = at + head.length
  for (const [index, [tag, type, count, value]] of entries.entries()) {
    const place = 2 + index * 12
    head.writeUInt16LE(tag, place)
    head.writeUInt16LE(type, place + 2)
    head.writeUInt32LE(count, place + 4)
    if (value.length <= 4) value.copy(head, place + 8)
    else {
      head.writeUInt32LE(free, place + 8)
      tail.push(value)
      free += value.length
    }
  }
  return Buffer.concat([head, ...tail])
}

const text = (value: string): Buffer => Buffer.from(`${value}\0`)
const word = (value: number): Buffer => Buffer.from(new Uint32Array([value]).buffer)
const ratios = (...values: readonly number[]): Buffer =>
  Buffer.from(new Uint32Array(values.flatMap((value) => [Math.round(value * 1e6), 1e6])).buffer)

/** A JPEG of 16×8 grey pixels with the EXIF a phone in Kabul might write; the camera is fictional. */
function photograph(): Buffer {
  const gpsAt = 1000
  const exifAt = 500
  const main = directory(
    [
      [0x010f, 2, 9, text('Fictive1')],
      [0x0110, 2, 8, text('Model-7')],
      [0x0112, 3, 1, Buffer.from([6, 0, 0, 0])],
      [0x8769, 4, 1, word(exifAt)],
      [0x8825, 4, 1, word(gpsAt)],
    ],
    8,
  )
  const exif = directory(
    [
      [0x9003, 2, 20, text('2026:03:03 10:20:30')],
      [0x9011, 2, 7, text('+04:30')],
      [0xa431, 2, 7, text('SN-123')],
    ],
    exifAt,
  )
  const gps = directory(
    [
      [1, 2, 2, text('S')],
      [2, 5, 3, ratios(34, 31, 41.16)],
      [3, 2, 2, text('E')],
      [4, 5, 3, ratios(69, 10, 20.28)],
    ],
    gpsAt,
  )
  const tiff = Buffer.alloc(gpsAt + gps.length)
  Buffer.from('II*\0\x08\0\0\0', 'latin1').copy(tiff)
  main.copy(tiff, 8)
  exif.copy(tiff, exifAt)
  gps.copy(tiff, gpsAt)
  const segment = (marker: number, data: Buffer): Buffer =>
    Buffer.concat([Buffer.from([0xff, marker, (data.length + 2) >> 8, (data.length + 2) & 255]), data])
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff])),
    segment(0xdb, Buffer.alloc(65, 1).fill(0, 0, 1)),
    segment(0xc0, Buffer.from([8, 0, 8, 0, 16, 1, 1, 0x11, 0])),
    segment(0xda, Buffer.from([1, 1, 0, 0, 63, 0])),
    Buffer.from([0x12, 0xff, 0x00, 0x34, 0xff, 0xd9]),
  ])
}

test('a photograph gives size, camera, serial number, time with offset and a place with its sign', async (t) => {
  const result = await readWith(t, imageExtractor, { name: 'p.jpg', bytes: photograph() })
  const expected: Readonly<Record<string, unknown>> = {
    'image.width': 16,
    'image.height': 8,
    'exif.make': 'Fictive1',
    'exif.model': 'Model-7',
    'exif.serialNumber': 'SN-123',
    'exif.orientation': 6,
    'exif.takenAt': '2026-03-03T10:20:30+04:30',
  }
  for (const [name, value] of Object.entries(expected)) assert.equal(valueOf(result, name), value, name)
  assert.equal(Number(valueOf(result, 'exif.gps.latitude')).toFixed(4), '-34.5281')
  assert.equal(Number(valueOf(result, 'exif.gps.longitude')).toFixed(4), '69.1723')
  assert.deepEqual(result.notices, [])
})

test('bytes behind a picture are told, and so is a missing end', async (t) => {
  const whole = photograph()
  const more = await readWith(t, imageExtractor, {
    name: 'p.jpg',
    bytes: Buffer.concat([whole, Buffer.from('PK hidden')]),
  })
  assert.deepEqual(codesOf(more), ['hidden-content'])
  assert.equal(valueOf(more, 'image.trailingBytes'), 9)
  const cut = await readWith(t, imageExtractor, { name: 'p.jpg', bytes: whole.subarray(0, -2) })
  assert.ok(codesOf(cut).includes('truncated'))
})

test('a drawing gives its words; its script and its addresses are told', async (t) => {
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200"><script>x()</script><text>نقشه روستا</text><image href="https://example.org/a.png"/></svg>'
  const result = await readWith(t, imageExtractor, { name: 'm.svg', bytes: Buffer.from(svg) })
  assert.match(result.parts[0]?.text ?? '', /نقشه روستا/)
  assert.deepEqual(codesOf(result), ['active-content', 'external-reference'])
  assert.equal(valueOf(result, 'image.width'), 300)
})

test('a picture large enough to hold writing is offered to OCR', async (t) => {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
    const frame = Buffer.alloc(8)
    frame.writeUInt32BE(data.length, 0)
    frame.writeUInt32BE(crc32(body), 4)
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
  }
  const size = Buffer.alloc(13)
  size.writeUInt32BE(400, 0)
  size.writeUInt32BE(300, 4)
  size[8] = 8
  const png = Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', size),
    chunk(
      'iTXt',
      Buffer.concat([Buffer.from('Description\0\0\0\0\0', 'latin1'), Buffer.from('عکس از دروازه')]),
    ),
    chunk('IDAT', deflateSync(Buffer.alloc(401 * 300))),
    chunk('IEND', Buffer.alloc(0)),
  ])
  const result = await readWith(t, imageExtractor, { name: 'p.png', bytes: png })
  assert.ok(result.parts.some((part) => part.needsOcr))
  assert.match(result.parts.map((part) => part.text).join(), /عکس از دروازه/)
  assert.deepEqual(result.notices, [])
})

test('a recording gives duration and format', async (t) => {
  const data = Buffer.alloc(16_000)
  const head = Buffer.alloc(44)
  head.write('RIFF', 0, 'latin1')
  head.writeUInt32LE(36 + data.length, 4)
  head.write('WAVEfmt ', 8, 'latin1')
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(8000, 24)
  head.writeUInt32LE(16_000, 28)
  head.writeUInt16LE(2, 32)
  head.writeUInt16LE(16, 34)
  head.write('data', 36, 'latin1')
  head.writeUInt32LE(data.length, 40)
  const result = await readWith(t, recordingExtractor, { name: 'r.wav', bytes: Buffer.concat([head, data]) })
  assert.equal(valueOf(result, 'media.durationSeconds'), 1)
  assert.equal(valueOf(result, 'media.stream.1.sampleRate'), 8000)
  assert.deepEqual(result.notices, [])
  const cut = await readWith(t, recordingExtractor, { name: 'r.wav', bytes: head.subarray(0, 20) })
  assert.deepEqual(codesOf(cut), ['truncated'])
})

test('ISO 6709 places keep their sign, in degrees, minutes or seconds', () => {
  assert.deepEqual(placeOf('+34.5281+069.1723+1791.0/'), {
    latitude: 34.5281,
    longitude: 69.1723,
    altitudeMetres: 1791,
  })
  assert.deepEqual(placeOf('-3430.0+06910.5/'), { latitude: -34.5, longitude: 69.175 })
  assert.equal(placeOf('nowhere'), undefined)
  assert.equal(placeOf('+99.0+069.0/'), undefined)
  fc.assert(
    fc.property(
      fc.integer({ min: -8999, max: 8999 }),
      fc.integer({ min: -17_999, max: 17_999 }),
      (latitude, longitude) => {
        const signed = (value: number, whole: number): string =>
          `${value < 0 ? '-' : '+'}${Math.abs(value / 100)
            .toFixed(2)
            .padStart(whole + 3, '0')}`
        const place = placeOf(`${signed(latitude, 2)}${signed(longitude, 3)}/`)
        assert.ok(
          place &&
            Math.abs(place.latitude - latitude / 100) < 1e-9 &&
            Math.abs(place.longitude - longitude / 100) < 1e-9,
        )
      },
    ),
  )
})
