import type { DetectedType, Family } from '../port.ts'

/** label → family, media type, and the extensions that may honestly stand on such a file. */
const TABLE = `
pdf|document|application/pdf|pdf ai
doc|document|application/msword|doc dot
docx|document|application/vnd.openxmlformats-officedocument.wordprocessingml.document|docx ooxml
docm|document|application/vnd.ms-word.document.macroEnabled.12|docm
dotx|document|application/vnd.openxmlformats-officedocument.wordprocessingml.template|dotx dotm
rtf|document|application/rtf|rtf doc
odt|document|application/vnd.oasis.opendocument.text|odt ott
wri|document|application/x-mswrite|wri
wpd|document|application/vnd.wordperfect|wpd wp doc wp5
sam|document|application/vnd.lotus-wordpro|sam
pub|document|application/x-mspublisher|pub
vsd|document|application/vnd.visio|vsd
vsdx|document|application/vnd.ms-visio.drawing|vsdx vsdm
wordml|document|application/msword+xml|xml doc
pages|document|application/vnd.apple.pages|pages
onenote|document|application/onenote|one
xls|sheet|application/vnd.ms-excel|xls xlt xlm xlw
xlsx|sheet|application/vnd.openxmlformats-officedocument.spreadsheetml.sheet|xlsx xltx
xlsm|sheet|application/vnd.ms-excel.sheet.macroEnabled.12|xlsm xltm
xlsb|sheet|application/vnd.ms-excel.sheet.binary.macroEnabled.12|xlsb
ods|sheet|application/vnd.oasis.opendocument.spreadsheet|ods ots
spreadsheetml|sheet|application/vnd.ms-excel+xml|xml xls
csv|sheet|text/csv|csv txt log
tsv|sheet|text/tab-separated-values|tsv tab txt csv
wks|sheet|application/vnd.lotus-1-2-3|wks wk1 wk3 wk4 123
qpw|sheet|application/x-quattro-pro|wb1 wb2 wb3 qpw
numbers|sheet|application/vnd.apple.numbers|numbers
parquet|data|application/vnd.apache.parquet|parquet
ppt|slides|application/vnd.ms-powerpoint|ppt pps pot
pptx|slides|application/vnd.openxmlformats-officedocument.presentationml.presentation|pptx potx
ppsx|slides|application/vnd.openxmlformats-officedocument.presentationml.slideshow|ppsx
pptm|slides|application/vnd.ms-powerpoint.presentation.macroEnabled.12|pptm ppsm potm
odp|slides|application/vnd.oasis.opendocument.presentation|odp otp
keynote|slides|application/vnd.apple.keynote|key
odg|document|application/vnd.oasis.opendocument.graphics|odg otg
odf|document|application/vnd.oasis.opendocument.formula|odf
odb|data|application/vnd.oasis.opendocument.base|odb
ooxml|document|application/vnd.openxmlformats-package|ooxml docx xlsx pptx xps
ooxml-encrypted|document|application/vnd.ms-office.encrypted|*
ole2|data|application/x-ole-storage|*
msi|program|application/x-msi|msi msp
mdb|data|application/x-msaccess|mdb accdb
sqlite|data|application/vnd.sqlite3|*
epub|ebook|application/epub+zip|epub
fb2|ebook|application/x-fictionbook+xml|fb2
mobi|ebook|application/x-mobipocket-ebook|mobi prc azw azw3
chm|ebook|application/vnd.ms-htmlhelp|chm
html|text|text/html|html htm xhtml shtml php asp aspx mht xml
xhtml|text|application/xhtml+xml|xhtml html htm xml
xml|text|application/xml|*
json|text|application/json|json geojson map txt
jsonl|text|application/x-ndjson|jsonl ndjson json log txt
txt|text|text/plain|*
vtt|text|text/vtt|vtt
srt|text|application/x-subrip|srt txt
reg|text|text/x-windows-registry|reg
script|program|text/x-shellscript|*
pem|data|application/x-pem-file|*
pgp|data|application/pgp-encrypted|*
bagit|data|text/x-bagit-declaration|txt
telegram-json|chat|application/vnd.telegram.export+json|json
telegram-html|chat|application/vnd.telegram.export+html|html htm
whatsapp|chat|text/vnd.whatsapp.export|txt
eml|mail|message/rfc822|eml msg txt mht mhtml mbox email
mht|web|multipart/related|mht mhtml eml
mbox|mail|application/mbox|mbox mbx txt
msg|mail|application/vnd.ms-outlook|msg oft
pst|mail|application/vnd.ms-outlook-pst|pst ost
tnef|mail|application/ms-tnef|dat tnef
vcf|data|text/vcard|vcf vcard
ics|data|text/calendar|ics ifb vcs
zip|archive|application/zip|zip cbz
jar|archive|application/java-archive|jar war ear
apk|archive|application/vnd.android.package-archive|apk
ipa|archive|application/x-ios-app|ipa
kmz|archive|application/vnd.google-earth.kmz|kmz
wacz|web|application/wacz|wacz
warc|web|application/warc|warc
warc.gz|web|application/warc+gzip|warc gz warc.gz
tar|archive|application/x-tar|tar cbt
gz|archive|application/gzip|gz gzip tgz svgz emz
bz2|archive|application/x-bzip2|bz2 tbz tbz2 tar.bz2
xz|archive|application/x-xz|xz txz tar.xz
zst|archive|application/zstd|zst tzst
lz|archive|application/x-lzip|lz tlz
lz4|archive|application/x-lz4|lz4
z|archive|application/x-compress|z taz
7z|archive|application/x-7z-compressed|7z
rar|archive|application/vnd.rar|rar cbr
cab|archive|application/vnd.ms-cab-compressed|cab
arj|archive|application/x-arj|arj
lzh|archive|application/x-lzh-compressed|lzh lha
iso|disk|application/x-iso9660-image|iso
e01|disk|application/x-ewf|e01 s01
ex01|disk|application/x-ewf2|ex01
l01|disk|application/x-ewf-logical|l01 lx01
aff|disk|application/x-aff|aff
vmdk|disk|application/x-vmdk|vmdk
qcow2|disk|application/x-qemu-disk|qcow2 img
vhdx|disk|application/x-vhdx|vhdx
vhd|disk|application/x-vhd|vhd
lnk|data|application/x-ms-shortcut|lnk
pcap|data|application/vnd.tcpdump.pcap|pcap cap dmp
pcapng|data|application/x-pcapng|pcapng pcap
evtx|data|application/x-ms-evtx|evtx
regf|data|application/x-windows-registry-hive|*
plist|data|application/x-plist|plist
torrent|data|application/x-bittorrent|torrent
dcm|image|application/dicom|dcm
dwg|image|image/vnd.dwg|dwg
svg|image|image/svg+xml|svg
jpeg|image|image/jpeg|jpg jpeg jpe jfif
png|image|image/png|png
tiff|image|image/tiff|tif tiff
heic|image|image/heic|heic heif
mkv|video|video/x-matroska|mkv mka mks
webm|video|video/webm|webm weba
mp4|video|video/mp4|mp4 m4v m4a mov 3gp
mov|video|video/quicktime|mov qt mp4
m4a|audio|audio/mp4|m4a m4b mp4 aac
3gp|video|video/3gpp|3gp 3gpp mp4
ogg|audio|audio/ogg|ogg oga ogx opus spx
asf|video|video/x-ms-asf|asf wma wmv
aif|audio|audio/aiff|aif aiff aifc
mpg|video|video/mpeg|mpg mpeg vob
mid|audio|audio/midi|mid midi
jp2|image|image/jp2|jp2 j2k jpx
djvu|document|image/vnd.djvu|djvu djv
exe|program|application/vnd.microsoft.portable-executable|exe dll sys scr com ocx
elf|program|application/x-elf|*
mach-o|program|application/x-mach-binary|*
empty|empty|application/x-empty|*
unknown|unknown|application/octet-stream|*
`

interface Row {
  readonly family: Family
  readonly mediaType: string
  readonly extensions: readonly string[]
}

const ROWS = new Map<string, Row>(
  TABLE.trim()
    .split('\n')
    .map((line) => {
      const [label = '', family = '', mediaType = '', extensions = ''] = line.split('|')
      return [label, { family: family as Family, mediaType, extensions: extensions.split(' ') }]
    }),
)

/** The type a label stands for. An unlisted label is a fault of the caller's. */
export function typeOf(
  label: string,
  confidence: DetectedType['confidence'] = 'certain',
  charset?: string,
): DetectedType {
  const row = ROWS.get(label)
  if (row === undefined) throw new Error(`no such type label: ${label}`)
  const { family, mediaType } = row
  return { mediaType, label, family, confidence, ...(charset === undefined ? {} : { charset }) }
}

export function isListed(label: string): boolean {
  return ROWS.has(label)
}

/**
 * The extension a name claims falsely, null where name and content agree or the name claims nothing.
 * Only extensions that this table knows count as a claim: '.final' or '.2021' say nothing.
 */
export function falseClaim(name: string, type: DetectedType): string | null {
  const extension = /\.([A-Za-z0-9]{1,8})$/.exec(name)?.[1]?.toLowerCase()
  if (extension === undefined || type.label === 'unknown' || type.label === 'empty') return null
  const own = ROWS.get(type.label)?.extensions ?? [type.label]
  if (own.includes('*') || own.includes(extension) || extension === type.label) return null
  return CLAIMS.has(extension) ? extension : null
}

/** Labels that file-type gives besides ours; their media keep several honest extensions. */
const CLAIMS = new Set(
  [...ROWS.values()]
    .flatMap((row) => row.extensions)
    .concat('gif webp bmp psd mp3 wav avi flac opus'.split(' '))
    .filter(
      (extension) =>
        !['*', 'txt', 'log', 'img', 'dat', 'com', 'key', 'map', 'one', 'cap'].includes(extension),
    ),
)
