/** RTF's control words, sorted by what they do to text. */

/** Character sets of fonts by \fcharset number. */
export const FONT_SETS: Readonly<Record<number, string>> = {
  77: 'macintosh',
  128: 'shift_jis',
  129: 'euc-kr',
  134: 'gb18030',
  136: 'big5',
  161: 'windows-1253',
  162: 'windows-1254',
  163: 'windows-1258',
  177: 'windows-1255',
  178: 'windows-1256',
  179: 'windows-1256',
  180: 'windows-1256',
  186: 'windows-1257',
  204: 'windows-1251',
  222: 'windows-874',
  238: 'windows-1250',
  254: 'cp437',
  255: 'cp850',
}
/** Destinations whose text is for programs. */
export const SILENT = new Set(
  'stylesheet colortbl listtable listoverridetable rsidtbl generator themedata colorschememapping latentstyles datastore xmlnstbl mmathPr pict objclass objname bkmkstart bkmkend fldinst datafield formfield filetbl revtbl template pgptbl wgrffmtfilter shpinst sp sn sv picprop blipuid fontemb fontfile panose falt passwordhash nonshppict xe tc do listname listlevel levelnumbers leveltext'.split(
    ' ',
  ),
)
export const INFO: Readonly<Record<string, string>> = {
  title: 'title',
  subject: 'subject',
  author: 'author',
  operator: 'lastModifiedBy',
  manager: 'manager',
  company: 'company',
  category: 'category',
  keywords: 'keywords',
  doccomm: 'comments',
  hlinkbase: 'hyperlinkBase',
}
export const TIMES: Readonly<Record<string, string>> = {
  creatim: 'createdAt',
  revtim: 'modifiedAt',
  printim: 'lastPrintedAt',
}
export const PARTS: Readonly<Record<string, string>> = {
  header: 'header',
  headerl: 'header',
  headerr: 'header',
  headerf: 'header',
  footer: 'footer',
  footerl: 'footer',
  footerr: 'footer',
  footerf: 'footer',
  footnote: 'footnotes',
  annotation: 'comments',
}
export const CHARACTERS: Readonly<Record<string, string>> = {
  par: '\n',
  line: '\n',
  sect: '\n',
  page: '\n',
  row: '\n',
  tab: '\t',
  cell: '\t',
  nestcell: '\t',
  nestrow: '\n',
  emdash: '—',
  endash: '–',
  bullet: '•',
  lquote: '‘',
  rquote: '’',
  ldblquote: '“',
  rdblquote: '”',
  zwj: '\u200d',
  zwnj: '\u200c',
  ltrmark: '\u200e',
  rtlmark: '\u200f',
  emspace: '\u2003',
  enspace: '\u2002',
}
