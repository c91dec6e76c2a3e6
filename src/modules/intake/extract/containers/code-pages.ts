/** Windows code page number → the name our decoder knows. */
export function codePageName(page: number | undefined): string | undefined {
  if (page === undefined) return undefined
  const known: Readonly<Record<number, string>> = {
    65001: 'utf-8',
    1200: 'utf-16le',
    932: 'shift_jis',
    936: 'gb18030',
    949: 'euc-kr',
    950: 'big5',
    20127: 'windows-1252',
    20866: 'koi8-r',
    21866: 'koi8-u',
    50220: 'iso-2022-jp',
    50221: 'iso-2022-jp',
    51932: 'euc-jp',
    51949: 'euc-kr',
    54936: 'gb18030',
  }
  if (known[page]) return known[page]
  if (page >= 1250 && page <= 1258) return `windows-${page}`
  if (page >= 28591 && page <= 28606) return `iso-8859-${page - 28590}`
  return page === 874 ? 'windows-874' : undefined
}

/** The ANSI code page Windows uses with a locale's primary language. */
export function codePageOfLocale(locale: number | undefined): number | undefined {
  if (locale === undefined) return undefined
  const language = locale & 0x3ff
  const pages: readonly (readonly [number, readonly number[]])[] = [
    [1256, [0x01, 0x20, 0x29, 0x63, 0x80, 0x8c]], // Arabic, Urdu, Persian, Pashto, Uyghur, Dari
    [1251, [0x02, 0x19, 0x22, 0x23, 0x28, 0x2f, 0x3f, 0x40, 0x44, 0x50]], // Cyrillic scripts
    [1255, [0x0d]],
    [1253, [0x08]],
    [1254, [0x1f, 0x2c, 0x43]],
    [1250, [0x05, 0x0e, 0x15, 0x18, 0x1a, 0x1b, 0x1c, 0x24]],
    [1257, [0x25, 0x26, 0x27]],
    [874, [0x1e]],
    [932, [0x11]],
    [949, [0x12]],
    [1258, [0x2a]],
  ]
  if (language === 0x04) return [0x0404, 0x0c04, 0x1404].includes(locale) ? 950 : 936
  return pages.find(([, languages]) => languages.includes(language))?.[0]
}
