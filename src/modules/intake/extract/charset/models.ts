/**
 * Letters that make up most of running text, most frequent first, per script and language family.
 * Counted by eye from general knowledge of the languages; only the rough order matters.
 */
export const COMMON: Readonly<Record<string, string>> = {
  arabic: 'اليمنوترعبدهسفةكقحجشأصإىضخطذغئظءزثؤآ',
  persian: 'ایرندهمتوسبلشخزکگفقعحجپچآصضطثغئژظذٔءكي',
  urdu: 'ےںہھٹڈڑیکاۂۓ',
  cyrillic: 'оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё',
  cyrillicMore: 'іїєґўқғҳҷӣӯ',
  greek: 'αοιετσνηυρπκμλςάόίέήώύδθγωφβχξζψ',
  hebrew: 'יוהלאתרבםמשנעדחקפגטצכןסזץךף',
  thai: 'านรอกเงมยลวดทสตะปบคหแจพชขใไโผถศษธฟซณญฐภฎฆฮฬฑฏ่้ิีึืุูัํ็์ำๆฯ',
  western: 'éèàçêüöäßñóíáúâîôûëïœåæøùãõìò',
  turkish: 'ışğçöüİŞĞ',
  central: 'ąćęłńśźżšžčřěůďťňáéíóúýőűăâîșțđ',
  han: '的一是不了人在有我他这中大来上个国到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可里后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进把法此实回二理美点月明其种声全工己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再平真听世气信北少关并内加化由却代军产入先山五太水万市',
  hanTraditional:
    '這來個國說們為時會過學對裡後麼沒於還發當無開見經頭長動兩樣現將與進實點種聲話兒問機給幾業間電門東氣關並內產',
  kana: 'のにはをたがでてとしれさいるなもからこあよくきおうすりどつえけわみめまじだンスルトリラアイクドシレタッーロフジマテコグデサバプパメウオムブキチビ',
  hangul: '이다는을의에가지하고로한를은기사도인아어서나리자시대정과니있해스일부수그전라상제들게면구장',
}

export interface Candidate {
  /** WHATWG label where there is one; else a name iconv-lite knows. */
  readonly charset: string
  readonly letters: string
  /** Added to the score: rarer encodings need better evidence. */
  readonly prior: number
}

const join = (...names: readonly string[]): string => names.map((name) => COMMON[name] ?? '').join('')

export const SINGLE_BYTE: readonly Candidate[] = [
  { charset: 'windows-1256', letters: join('arabic', 'persian', 'urdu'), prior: 0.02 },
  { charset: 'iso-8859-6', letters: COMMON.arabic ?? '', prior: 0 },
  { charset: 'cp720', letters: COMMON.arabic ?? '', prior: -0.1 },
  { charset: 'windows-1251', letters: join('cyrillic', 'cyrillicMore'), prior: 0.02 },
  { charset: 'koi8-r', letters: COMMON.cyrillic ?? '', prior: 0.01 },
  { charset: 'koi8-u', letters: join('cyrillic', 'cyrillicMore'), prior: 0 },
  { charset: 'iso-8859-5', letters: COMMON.cyrillic ?? '', prior: 0 },
  { charset: 'ibm866', letters: COMMON.cyrillic ?? '', prior: 0 },
  { charset: 'x-mac-cyrillic', letters: COMMON.cyrillic ?? '', prior: 0 },
  { charset: 'windows-1253', letters: COMMON.greek ?? '', prior: 0.01 },
  { charset: 'iso-8859-7', letters: COMMON.greek ?? '', prior: 0 },
  { charset: 'windows-1255', letters: COMMON.hebrew ?? '', prior: 0.01 },
  { charset: 'windows-874', letters: COMMON.thai ?? '', prior: 0 },
  { charset: 'windows-1252', letters: COMMON.western ?? '', prior: 0.03 },
  { charset: 'windows-1254', letters: COMMON.turkish ?? '', prior: 0 },
  { charset: 'windows-1250', letters: COMMON.central ?? '', prior: -0.02 },
  { charset: 'macintosh', letters: COMMON.western ?? '', prior: -0.1 },
  { charset: 'cp850', letters: COMMON.western ?? '', prior: -0.1 },
]

export const MULTI_BYTE: readonly Candidate[] = [
  { charset: 'gb18030', letters: COMMON.han ?? '', prior: 0.02 },
  { charset: 'big5', letters: join('han', 'hanTraditional'), prior: 0 },
  { charset: 'euc-jp', letters: join('kana'), prior: 0 },
  { charset: 'shift_jis', letters: join('kana'), prior: 0 },
  { charset: 'euc-kr', letters: COMMON.hangul ?? '', prior: 0 },
]
