import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeText } from './decode.ts'
import { detectCharset } from './detect-charset.ts'

const iconv = createRequire(import.meta.url)('iconv-lite') as typeof import('iconv-lite')

const DARI =
  'در بامداد روز شنبه گروهی از مردان مسلح وارد قریه شدند و از مردم خواستند خانه‌های خود را ترک کنند. پیرمردی که نمی‌توانست راه برود در خانه ماند.'
const PASHTO =
  'د شنبې په ورځ سهار وختي یو شمېر وسله وال کلي ته ننوتل او خلکو ته یې وویل چې خپل کورونه پرېږدي. یو سپین ږیری سړی په کور کې پاتې شو.'
const ARABIC =
  'في صباح يوم السبت دخل عدد من المسلحين إلى القرية وطلبوا من الناس أن يتركوا بيوتهم. بقي شيخ لا يستطيع المشي في بيته حتى المساء.'
const RUSSIAN =
  'Утром в субботу в деревню вошла группа вооружённых людей и потребовала, чтобы жители покинули свои дома. Один старик остался.'
const GREEK =
  'Το πρωί του Σαββάτου μια ομάδα ενόπλων μπήκε στο χωριό και ζήτησε από τους κατοίκους να εγκαταλείψουν τα σπίτια τους.'
const HEBREW =
  'בבוקר יום שבת נכנסה קבוצת חמושים לכפר ודרשה מהתושבים לעזוב את בתיהם. איש זקן אחד נשאר בביתו עד הערב.'
const CHINESE = '星期六早上，一群武装人员进入村庄，要求居民离开家园。有一位老人留在家里，直到晚上才被人发现。'
const TRADITIONAL =
  '星期六早上，一群武裝人員進入村莊，要求居民離開家園。有一位老人留在家裡，直到晚上才被人發現。'
const JAPANESE =
  '土曜日の朝、武装した人々のグループが村に入り、住民に家を離れるように求めました。一人の老人が家に残りました。'
const KOREAN =
  '토요일 아침에 무장한 사람들이 마을에 들어와서 주민들에게 집을 떠나라고 요구했다. 한 노인은 집에 남아 있었다.'
const FRENCH =
  'Le samedi matin, un groupe d’hommes armés est entré dans le village ; un vieil homme âgé, resté là, a été retrouvé le soir même, épuisé.'
const TURKISH =
  'Cumartesi sabahı bir grup silahlı kişi köye girdi ve köylülerden evlerini terk etmelerini istedi; yaşlı bir adam dışarı çıkamadı.'

const SAMPLES: readonly (readonly [text: string, charsets: readonly string[]])[] = [
  [DARI.replaceAll('ی', 'ي'), ['windows-1256', 'utf-8', 'utf-16le', 'utf-16be', 'utf-32le', 'utf-32be']],
  [DARI, ['utf-8', 'utf-16le', 'utf-16be']],
  [PASHTO, ['utf-8', 'utf-16le', 'utf-16be', 'utf-32be']],
  [ARABIC, ['windows-1256', 'iso-8859-6', 'cp720', 'utf-16le']],
  [RUSSIAN, ['windows-1251', 'koi8-r', 'iso-8859-5', 'ibm866', 'x-mac-cyrillic']],
  [GREEK, ['windows-1253']],
  [HEBREW, ['windows-1255']],
  [CHINESE, ['gb18030', 'utf-16be']],
  [TRADITIONAL, ['big5']],
  [JAPANESE, ['shift_jis', 'euc-jp', 'utf-16le']],
  [KOREAN, ['euc-kr']],
  [FRENCH, ['windows-1252']],
  [TURKISH, ['windows-1254']],
]

test('each sample is found and read back exactly in each of its encodings', () => {
  for (const [text, charsets] of SAMPLES)
    for (const charset of charsets) {
      const bytes = iconv.encode(text, charset === 'x-mac-cyrillic' ? 'maccyrillic' : charset)
      const found = detectCharset(bytes)
      assert.equal(
        found === null ? null : decodeText(bytes, found.charset),
        text,
        `${charset}: found ${found?.charset}`,
      )
    }
})

test('a byte order mark is certain and is not text', () => {
  for (const charset of ['utf-8', 'utf-16le', 'utf-16be', 'utf-32le', 'utf-32be']) {
    const bytes = iconv.encode(DARI, charset, { addBOM: true })
    assert.deepEqual(detectCharset(bytes), { charset, confidence: 'certain' })
    assert.equal(decodeText(bytes, charset), DARI)
  }
})

test('a false declaration is not believed, a true one settles what the letters leave open', () => {
  const bytes = iconv.encode(ARABIC, 'windows-1256')
  assert.equal(detectCharset(bytes, 'koi8-r')?.charset, 'windows-1256')
  assert.equal(detectCharset(bytes, 'utf-8')?.charset, 'windows-1256')
  assert.deepEqual(detectCharset(iconv.encode('price: \u00a35', 'latin1'), 'iso-8859-15'), {
    charset: 'iso-8859-15',
    confidence: 'certain',
  })
})

test('one pound sign in English is not Cyrillic', () => {
  assert.equal(
    detectCharset(iconv.encode('he stands to lift \u00a3825, not bad for a \u00a32 bet', 'windows-1252'))
      ?.charset,
    'windows-1252',
  )
})

test('binary bytes are not text', () => {
  assert.equal(detectCharset(Uint8Array.from({ length: 400 }, (_, at) => (at * 37) % 32)), null)
})

test('UTF-8 text of any kind is UTF-8; no bytes at all make it throw', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
      const bytes = Buffer.from(text.replaceAll(/\p{Cc}/gu, ' '), 'utf8')
      assert.ok(detectCharset(bytes) !== undefined)
    }),
  )
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void detectCharset(bytes)))
})

const shared = resolve(process.env.AMANAT_SHARED ?? join(import.meta.dirname, '../../../../../../shared'))
const texts = join(shared, 'testdata/text')

test(
  'the re-encoded declarations read exactly',
  { skip: existsSync(texts) ? false : 'the shared texts are not on this machine' },
  () => {
    const names = readdirSync(join(texts, 'reencoded'))
    assert.ok(names.length >= 11)
    for (const name of names) {
      const bytes = readFileSync(join(texts, 'reencoded', name))
      const charset = detectCharset(bytes)?.charset ?? 'none'
      const wanted = readFileSync(join(texts, 'udhr', `${name.split('.')[0]}.txt`), 'utf8')
      assert.equal(decodeText(bytes, charset), wanted, name)
    }
  },
)
