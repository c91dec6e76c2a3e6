/** Ways of typing the same letter that must not hide a word. */
const VARIANTS: readonly string[] = [
  'یيىې',
  'کك',
  'هةہ',
  'اأإآ',
  'وؤ',
  'её',
  'иӣ',
  '۰٠0',
  '۱١1',
  'eéè',
  'aáâ',
  'nň',
  'yý',
]
const SILENT = ['\u0640', '\u064E', '\u0651', '\u200D', '\u200F']

const isArabicScript = (letter: string): boolean => /\p{Script=Arabic}/u.test(letter)

/** Another way of typing a word: letters swapped for their variants, marks and tatweel put in. */
export function retype(word: string, draw: (below: number) => number): string {
  return [...word]
    .map((letter, at) => {
      const group = VARIANTS.find((variants) => variants.includes(letter))
      const other = group ? group[draw(group.length)]! : letter
      const mark = isArabicScript(letter) && at > 0 && draw(3) === 0 ? SILENT[draw(SILENT.length)]! : ''
      return mark + (draw(2) === 0 ? other.toUpperCase() : other)
    })
    .join('')
}
