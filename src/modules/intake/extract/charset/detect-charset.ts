import { decodeText, knownCharset } from './decode.ts'
import { type Candidate, MULTI_BYTE, SINGLE_BYTE } from './models.ts'

export interface Charset {
  readonly charset: string
  readonly confidence: 'certain' | 'likely' | 'guess'
}

const SAMPLE_BYTES = 96 * 1024
const STRICT_UTF8 = { fatal: true } as const

/**
 * The encoding of text bytes: byte order mark, then structure (UTF-32, UTF-16, ISO-2022, UTF-8), then
 * what it says of itself if that decodes well, then letter statistics. `null`: not text.
 *
 * `declared`: from an XML declaration, a meta element or a header; believed only if the bytes agree.
 */
export function detectCharset(bytes: Uint8Array, declared?: string): Charset | null {
  const sample = withoutLeadingZeros(bytes).subarray(0, SAMPLE_BYTES)
  const cut = bytes.length > sample.length
  const marked = byMark(sample)
  if (marked !== null) return { charset: marked, confidence: 'certain' }
  const wide = utf32(sample) ?? utf16(sample)
  if (wide !== null) return wide
  if (controls(sample) > 0.02) return null
  const escaped = iso2022(sample)
  if (escaped !== null) return { charset: escaped, confidence: 'likely' }
  if (isUtf8(sample, cut)) return { charset: 'utf-8', confidence: 'certain' }
  const high = highBytes(sample)
  if (nearlyUtf8(sample, high)) return { charset: 'utf-8', confidence: 'likely' }
  return byLetters(sample, cut, high, declared)
}

/** A long run of zeros at the start is room that was never filled: it says nothing about the encoding. */
function withoutLeadingZeros(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte !== 0)
  return start >= 16 ? bytes.filter((byte) => byte !== 0) : bytes
}

function byMark(bytes: Uint8Array): string | null {
  const [a, b, c, d] = bytes
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8'
  if (a === 0xff && b === 0xfe && c === 0 && d === 0) return 'utf-32le'
  if (a === 0 && b === 0 && c === 0xfe && d === 0xff) return 'utf-32be'
  if (a === 0xff && b === 0xfe) return 'utf-16le'
  if (a === 0xfe && b === 0xff) return 'utf-16be'
  if (a === 0x84 && b === 0x31 && c === 0x95 && d === 0x33) return 'gb18030'
  return null
}

function utf32(bytes: Uint8Array): Charset | null {
  const units = Math.floor(bytes.length / 4)
  if (units < 2) return null
  let [little, big] = [0, 0]
  for (let at = 0; at < units * 4; at += 4) {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(at, at + 4)
    if (d === 0 && c <= 0x10 && a + b > 0) little++
    if (a === 0 && b <= 0x10 && c + d > 0) big++
  }
  if (little === units && little > big) return { charset: 'utf-32le', confidence: 'likely' }
  return big === units ? { charset: 'utf-32be', confidence: 'likely' } : null
}

/** UTF-16 without a mark shows in zero bytes or control bytes that no 8-bit text has. */
function utf16(bytes: Uint8Array): Charset | null {
  const even = bytes.subarray(0, bytes.length & ~1)
  if (even.length < 4 || (bytes.length % 2 === 1 && bytes.length < SAMPLE_BYTES)) return null
  if (!even.includes(0) && controls(even) < 0.02) return null
  const little = wideScore(decodeText(even, 'utf-16le'))
  const big = wideScore(decodeText(even, 'utf-16be'))
  const best = Math.max(little, big)
  if (best < 0.75 || Math.abs(little - big) < 0.1) return null
  return { charset: little > big ? 'utf-16le' : 'utf-16be', confidence: 'likely' }
}

/** 1 for text, towards −1 for noise: common letters and spaces against unassigned and rare characters. */
function wideScore(text: string): number {
  let [good, all, block] = [0, 0, 0]
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    all++
    if (code >= 0x250 && code < 0x2000) {
      if (block !== 0 && block !== code >> 8) good -= 0.6
      block = code >> 8
    } else block = 0
    if (code < 0x20) good += code === 9 || code === 10 || code === 13 ? 1 : -4
    else if (code < 0x7f) good += 1
    else if (code === 0xfffd || /[\p{Cn}\p{Co}\p{Cs}]/u.test(character)) good -= 4
    else if (
      code < 0x0780 ||
      /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u.test(character)
    )
      good += 0.9
    else if (/[\p{L}\p{M}\p{P}]/u.test(character)) good += 0.7
  }
  return all === 0 ? -1 : good / all
}

/** ISO-2022-JP switches its sets by these. */
const ESCAPES = ['\u001b$@', '\u001b$B', '\u001b(J']

function iso2022(bytes: Uint8Array): string | null {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
  return ESCAPES.some((escape) => text.includes(escape)) && highBytes(bytes) === 0 ? 'iso-2022-jp' : null
}

function controls(bytes: Uint8Array): number {
  let count = 0
  for (const byte of bytes)
    if (byte < 9 || (byte > 13 && byte < 32 && byte !== 27 && byte !== 26) || byte === 127) count++
  return bytes.length === 0 ? 0 : count / bytes.length
}

function highBytes(bytes: Uint8Array): number {
  let count = 0
  for (const byte of bytes) if (byte > 127) count++
  return count
}

function isUtf8(bytes: Uint8Array, cut: boolean): boolean {
  try {
    new TextDecoder('utf-8', STRICT_UTF8).decode(bytes, { stream: cut })
    return true
  } catch {
    return false // the strict decoder's answer, not a fault
  }
}

/** UTF-8 with a few broken places: a truncated copy, a mixed log. */
function nearlyUtf8(bytes: Uint8Array, high: number): boolean {
  const text = new TextDecoder('utf-8').decode(bytes)
  const broken = text.split('\ufffd').length - 1
  return high > 20 && broken * 20 < high
}

function byLetters(sample: Uint8Array, cut: boolean, high: number, declared: string | undefined): Charset {
  const ranked = [...MULTI_BYTE, ...SINGLE_BYTE]
    .map((candidate) => ({
      charset: candidate.charset,
      score: scoreOf(sample, candidate, cut) + candidate.prior,
    }))
    .sort((a, b) => b.score - a.score)
  const [first, second] = ranked
  if (first === undefined || second === undefined) return { charset: 'windows-1252', confidence: 'guess' }
  const claim = declared?.trim().toLowerCase()
  if (claim !== undefined && knownCharset(claim) && !/^utf-?(8|16|32)/.test(claim)) {
    const named = ranked.find((one) => one.charset === claim)
    const unmodelled = named === undefined && !decodeText(sample.subarray(0, -4), claim).includes('\ufffd')
    if (unmodelled || (named !== undefined && first.score - named.score < 0.35))
      return { charset: claim, confidence: 'certain' }
  }
  const clear = first.score > 0.5 && first.score - second.score > 0.05 && high > 12
  return { charset: first.charset, confidence: clear ? 'likely' : 'guess' }
}

const RANKS = new Map<string, Map<string, number>>()

function ranksOf(letters: string): Map<string, number> {
  const known = RANKS.get(letters)
  if (known !== undefined) return known
  const ranks = new Map<string, number>()
  for (const letter of letters) if (!ranks.has(letter)) ranks.set(letter, ranks.size)
  RANKS.set(letters, ranks)
  return ranks
}

/** About 1 for running text of the candidate's languages, below 0 for text misread. */
function scoreOf(sample: Uint8Array, candidate: Candidate, cut: boolean): number {
  const text = decodeText(cut ? sample.subarray(0, sample.length - 8) : sample, candidate.charset)
  const ranks = ranksOf(candidate.letters)
  const wide = MULTI_BYTE.includes(candidate)
  let [sum, count, before] = [0, 0, ' ']
  for (const character of text) {
    if (character > '\u007f') {
      sum += (wide ? wideWeight(character, ranks) : weight(character, ranks)) - jump(before, character)
      count++
    } else if (/[0-9A-Za-z]/.test(character) && before > '\u007f' && foreign(before, character)) sum -= 0.8
    before = character
  }
  return count === 0 ? -1 : sum / count
}

/** A letter outside ASCII before a digit, or a letter of another script before an ASCII letter: words do not do that. */
function foreign(before: string, character: string): boolean {
  return /\p{L}/u.test(before) && (before > '\u02ff' || /[0-9]/.test(character))
}

function weight(character: string, ranks: Map<string, number>): number {
  const rank = ranks.get(character)
  if (rank !== undefined) return rank < 12 ? 1.25 : rank < 40 ? 0.8 : 0.6
  if (ranks.has(character.toLowerCase())) return 0.25
  const code = character.codePointAt(0) ?? 0
  if (code === 0xfffd || (code >= 0x80 && code < 0xa0)) return -3
  if ('«»“”‘’–—…№،؛؟°\u00a0\u200c\u200d\u200e\u200f€•£©®§±½²³¹'.includes(character)) return 0.3
  if (/[\u064b-\u0652\u0670]/.test(character)) return 0.4
  return /\p{L}/u.test(character) ? -0.4 : -0.9
}

function wideWeight(character: string, ranks: Map<string, number>): number {
  const code = character.codePointAt(0) ?? 0
  if (code === 0xfffd || (code >= 0xe000 && code < 0xf900) || /\p{Cn}/u.test(character)) return -6
  if (ranks.has(character)) return 1.4
  if (/[。、，！？：；（）「」『』《》・…“”　]/.test(character)) return 0.9
  if (code >= 0x3041 && code < 0x30ff) return 0.7
  if (code >= 0x4e00 && code < 0xa000) return 0.45
  if (code >= 0xac00 && code < 0xd7a4) return 0.3
  return code >= 0xff61 && code < 0xffa0 ? -0.6 : -0.4
}

/** A penalty for neighbours that running text does not have: a capital after a small letter, accents in a row. */
function jump(before: string, character: string): number {
  if (before <= '\u007f' && !/[A-Za-z]/.test(before)) return 0
  const latin = /\p{Script=Latin}/u
  if (latin.test(before) !== latin.test(character) && /\p{L}/u.test(before) && /\p{L}/u.test(character))
    return 0.7
  if (latin.test(character) && before > '\u007f' && latin.test(before)) return 0.6
  return /\p{Ll}/u.test(before) && /\p{Lu}/u.test(character) ? 1 : 0
}
