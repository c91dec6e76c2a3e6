/** Is a PDF's text layer language, or glyph numbers in disguise? */

const SCRIPTS: readonly (readonly [name: string, test: RegExp])[] = [
  ['latin', /\p{Script=Latin}/u],
  ['arabic', /\p{Script=Arabic}/u],
  ['cyrillic', /\p{Script=Cyrillic}/u],
  ['cjk', /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Script=Bopomofo}/u],
  ['greek', /\p{Script=Greek}/u],
  ['hebrew', /\p{Script=Hebrew}/u],
]

/**
 * True for text that no writer meant: private or control characters, letters of several scripts inside
 * one word, accents in rows (an 8-bit Arabic or Cyrillic font read as Latin). `unmapped`: the share of
 * glyphs that PDFium found no Unicode value for; it counts only together with odd text, for many sound
 * files have none declared.
 */
export function looksLikeGarbage(text: string, unmapped: number): boolean {
  const sample = text.slice(0, 6_000)
  const bare = sample.replaceAll(/[\s.\-_…·•|]+/g, '')
  if (bare.length === 0) return false
  const odd = bare.match(/\p{Cc}|\p{Co}|[\ufffd\ufffe\uffff]/gu)?.length ?? 0
  if (odd > bare.length * 0.15) return true
  const mixed = mixing(sample)
  if (mixed > 0.15 || (unmapped > 0.3 && mixed > 0.04)) return true
  if (unmapped > 0.5 && rareScript(bare)) return true
  const rows = sample.match(/[\u00a1-\u00ff]{3,}/g)?.join('').length ?? 0
  return bare.length >= 12 && rows > bare.length * 0.3
}

/** The share of neighbouring letters that belong to different scripts. */
function mixing(sample: string): number {
  let [pairs, mixed, before] = [0, 0, '']
  for (const character of sample) {
    const script = scriptOf(character)
    if (script !== '' && before !== '') {
      pairs += 1
      if (script !== before) mixed += 1
    }
    before = script
  }
  return pairs < 8 ? 0 : mixed / pairs
}

function scriptOf(character: string): string {
  if (!/\p{L}/u.test(character) || /\p{Script=Common}/u.test(character)) return ''
  return (
    SCRIPTS.find(([, test]) => test.test(character))?.[0] ?? `block ${(character.codePointAt(0) ?? 0) >> 7}`
  )
}

/** Mostly letters of scripts outside the common ones: with unmapped glyphs, chance and not language. */
function rareScript(bare: string): boolean {
  const letters = [...bare].map(scriptOf).filter((script) => script !== '')
  return letters.filter((script) => script.startsWith('block')).length > letters.length / 2
}

/**
 * Undoes one known fault of writers: a Unicode map whose values are UTF-8 bytes read as UTF-16, so that
 * Cyrillic comes out as Hangul (П, D0 9F, as U+D09F). Korean text never has only such values.
 */
export function repaired(text: string): string {
  const wide = text.match(/[\uac00-\ud7a3]/g) ?? []
  const bytes = wide.filter((character) => isPair(character.charCodeAt(0))).length
  if (wide.length < 8 || bytes < wide.length * 0.95) return text
  return text.replaceAll(/[\uc280-\ud7bf]/g, (character) => {
    const code = character.charCodeAt(0)
    return isPair(code) ? String.fromCharCode((((code >> 8) & 0x1f) << 6) | (code & 0x3f)) : character
  })
}

function isPair(code: number): boolean {
  return code >= 0xc280 && code < 0xe000 && (code & 0xc0) === 0x80
}
