import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recogniseLanguage } from './language.ts'

/** Short notes written for this test; none of them is from a text the recogniser was made from. */
const NOTES: readonly (readonly [string, string])[] = [
  ['fas', 'دیروز در شهر هرات باران بارید و مردم به خانه‌های خود رفتند'],
  ['fas', 'نامه را برای وکیل فرستادم ولی هنوز جواب نداده است'],
  ['pus', 'هغه پرون د کندهار ښار ته ولاړ او له خپل ورور سره یې وکتل'],
  ['pus', 'زموږ کلي ته اوبه نه رسیږي او خلک له ستونزو سره مخ دي'],
  ['urd', 'کل شام بازار میں بہت لوگ تھے اور بارش بھی ہو رہی تھی'],
  ['ara', 'وصل الشاهد إلى المكتب صباح أمس وقدم أقواله أمام المحقق'],
  ['uig', 'تۈنۈگۈن ئۈرۈمچىدە يامغۇر ياغدى ۋە كىشىلەر ئۆيىگە قايتتى'],
  ['tgk', 'Дирӯз дар шаҳри Душанбе борон борид ва мардум ба хона рафтанд'],
  ['uzn', 'Кеча Тошкент шаҳрида ёмғир ёғди ва одамлар уйга қайтишди, ўқувчилар ҳам'],
  ['uzn', 'Kecha Toshkent shahrida yomgʻir yogʻdi va odamlar uyga qaytishdi'],
  ['rus', 'Вчера в городе шёл дождь, и люди вернулись домой раньше обычного'],
  ['tuk', 'Düýn Aşgabat şäherinde ýagyş ýagdy we adamlar öýlerine gaýtdylar'],
  ['eng', 'Yesterday it rained in the city and the people went home early'],
  ['fra', 'Hier il a plu dans la ville et les gens sont rentrés chez eux'],
  ['zho', '昨天城里下雨了,人们很早就回家了'],
]

for (const [language, note] of NOTES)
  test(`${language}: ${note.slice(0, 24)}`, () => {
    const guess = recogniseLanguage(note)
    assert.equal(guess.language, language)
    assert.ok(guess.confidence > 0.3, `confidence ${guess.confidence}`)
  })

test('nothing to tell is said so', () => {
  assert.deepEqual(recogniseLanguage('12:30 — 1402/05/24'), {
    language: 'und',
    variety: null,
    script: 'Zyyy',
    confidence: 0,
  })
})

test('words of Afghan administration hint at Dari', () => {
  assert.equal(recogniseLanguage('رئیس شفاخانه ولسوالی را در ولایت هرات دیدم').variety, 'prs')
  assert.equal(recogniseLanguage('مدیر بیمارستان را در شهر تهران دیدم').variety, null)
})
