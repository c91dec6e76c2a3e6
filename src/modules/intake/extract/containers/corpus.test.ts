import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { readBytes, valueOf } from '../../../../../test/fixtures/containers/read.ts'

const shared = process.env['AMANAT_SHARED'] ?? join(import.meta.dirname, '../../../../../../shared')
const folder = join(shared, 'testdata/intake')
const skip = existsSync(join(folder, 'manifest.csv')) ? false : 'the shared test data is not here'

interface Row {
  readonly path: string
  readonly note: string
  readonly meta: string
}

/** Rows of the manifest, which quotes fields that hold commas. */
function rows(): Row[] {
  const [head = [], ...lines] = readFileSync(join(folder, 'manifest.csv'), 'utf8')
    .trim()
    .split(/\r?\n/)
    .map((line) =>
      [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map((match) =>
        (match[1] ?? '').replace(/^"|"$/g, '').replaceAll('""', '"'),
      ),
    )
  const at = (name: string): number => head.indexOf(name)
  return lines.map((line) => ({
    path: line[at('path')] ?? '',
    note: line[at('note')] ?? '',
    meta: line[at('expected_meta')] ?? '',
  }))
}

const squeeze = (words: unknown): string =>
  String(words ?? '')
    .replaceAll(/\s+/g, ' ')
    .trim()

/** Where another tool reads differently, and ours is right or as good: each with its reason. */
const DIFFERENT: Readonly<Record<string, string>> = {
  'archives/fixture.tar.zst': 'two steps: the TAR is the child, its entries are the grandchildren',
  'archives/invalid central directory file header signature 0x1014b50.zip':
    'we recover both entries, not one',
  'email/attachment_msg_pdf.msg': 'we name the embedded message .msg',
  'email/attachment_emails-attachment_with_unquoted_name.eml': 'we read the whole unquoted name',
  'email/attachment_emails-attachment_message_rfc822.eml':
    'the second attachment is inside the first and becomes its child',
  'email/error_emails-content_transfer_encoding_empty.eml': 'raw Big5 in the header is read as Big5',
  'images/balloon_trunc2.jp2': 'JPEG 2000 has no orientation; the other tool fills in 1',
  'images/fixture.psd': 'no orientation of its own; the other tool fills in 1',
  'media/fixture-adts-mpeg4.aac': 'ADTS states no duration',
  'media/fixture.mpg': 'states no duration',
}

test(
  'archives, mail, images and recordings give what other tools read in them',
  { skip, timeout: 300_000 },
  async (t) => {
    const wrong: string[] = []
    let checked = 0
    for (const row of rows()) {
      if (!/^(archives|email|images|media|c2pa)\//.test(row.path) || row.path in DIFFERENT) continue
      const result = await readBytes(t, {
        name: basename(row.path),
        bytes: readFileSync(join(folder, row.path)),
      })
      if (!result) continue
      const expect = (what: string, expected: string | undefined, got: unknown): void => {
        if (expected === undefined) return
        checked++
        if (squeeze(expected) !== squeeze(got))
          wrong.push(`${row.path}: ${what} ${expected} ≠ ${String(got)}`)
      }
      const stated = (pattern: RegExp): string | undefined => pattern.exec(row.meta)?.[1]
      const single =
        valueOf(result, 'archive.entries') === undefined && result.children.length > 0
          ? result.children.length
          : undefined
      if (!row.path.includes('Large.gz'))
        expect('entries', stated(/^entries=(\d+)/), valueOf(result, 'archive.entries') ?? single)
      expect('subject', stated(/subject=(.*?)(?:; attachments=|$)/), valueOf(result, 'mail.subject'))
      expect('attachments', stated(/attachments=(\d+)/), result.children.length)
      expect(
        'size',
        stated(/size=(\d+x\d+)/),
        `${valueOf(result, 'image.width')}x${valueOf(result, 'image.height')}`,
      )
      expect('make', stated(/Make=([^;]+)/), valueOf(result, 'exif.make'))
      expect('model', stated(/Model=([^;]+)/), valueOf(result, 'exif.model'))
      expect('orientation', stated(/Orientation=(\d)/), valueOf(result, 'exif.orientation'))
      const place = [valueOf(result, 'exif.gps.latitude'), valueOf(result, 'exif.gps.longitude')].map(
        (part) => Number(part).toFixed(5),
      )
      expect('place', stated(/GPS=([-\d.,]+)/), place.join())
      const taken = stated(/DateTimeOriginal=([^;]+)/)?.replace(/^(\d+):(\d+):(\d+) /, '$1-$2-$3T')
      expect('time', taken, String(valueOf(result, 'exif.takenAt')).slice(0, 19))
      const duration = stated(/duration=([\d.]+)s/)
      const near = Math.abs(Number(duration) - Number(valueOf(result, 'media.durationSeconds'))) < 0.06
      expect('duration', duration, near ? duration : valueOf(result, 'media.durationSeconds'))
      if (row.note === 'broken' || row.note === 'encrypted') {
        const said = result.notices.length > 0 || result.outcome === 'read'
        assert.ok(said, `${row.path}: ${row.note}, and nothing is said`)
      }
    }
    assert.deepEqual(wrong, [])
    assert.ok(checked > 300, `only ${checked} values were compared`)
  },
)

test('tampered content credentials are told, whole ones are not', { skip }, async (t) => {
  for (const row of rows().filter(({ path }) => /^c2pa\/.*\.jpe?g$/.test(path))) {
    const result = await readBytes(t, {
      name: basename(row.path),
      bytes: readFileSync(join(folder, row.path)),
    })
    const tampered = result?.notices.some((notice) => notice.code === 'tampered')
    assert.equal(tampered, row.note === 'malicious', row.path)
  }
})
