/** Formats that are text: told by how they begin and by their shape. `text`: the decoded start of the file. */
export function textLabel(text: string, name: string): string {
  const start = text.trimStart().slice(0, 4_096)
  return (
    markup(start, text) ??
    byFirstLine(start) ??
    chat(text) ??
    mail(start, text, name) ??
    json(start, text) ??
    table(text, name) ??
    'txt'
  )
}

const ROOTS: Readonly<Record<string, string>> = {
  svg: 'svg',
  FictionBook: 'fb2',
  html: 'xhtml',
  wordDocument: 'wordml',
}

function markup(start: string, text: string): string | null {
  if (!start.startsWith('<')) return looksHtml(start) ? htmlLabel(text) : null
  if (/^<\?xml|^<!DOCTYPE\s+(?!html)[A-Za-z]|^<[A-Za-z_][\w.:-]*\s[^>]*xmlns/i.test(start)) {
    const root = /<(?:([A-Za-z_][\w.-]*):)?([A-Za-z_][\w.-]*)[\s/>]/.exec(
      start.replaceAll(/<\?[\s\S]*?\?>|<!--[\s\S]*?-->|<!DOCTYPE[^>[]*(\[[^\]]*\])?[^>]*>/g, ''),
    )?.[2]
    if (root === 'Workbook' && start.includes('office:spreadsheet')) return 'spreadsheetml'
    if (root !== undefined && ROOTS[root] !== undefined)
      return root === 'html' ? xhtmlLabel(start, text) : (ROOTS[root] ?? null)
    if (start.startsWith('<?xml') || start.includes('xmlns')) return 'xml'
  }
  if (looksHtml(start)) return htmlLabel(text)
  return /^<[A-Za-z_][\w.:-]*(\s[^<>]*)?\/?>/.test(start) && /<\/[A-Za-z_][\w.:-]*>\s*$/.test(text)
    ? 'xml'
    : null
}

function looksHtml(start: string): boolean {
  return /^(?:<!--[\s\S]*?-->\s*)*<!DOCTYPE\s+html|<(?:html|head|body|title|meta|table|div|script|style|frameset|p|br|font|center|h1|ul)\b[^<]*>/i.test(
    start.startsWith('<') ? start : start.slice(0, 0),
  )
}

function xhtmlLabel(start: string, text: string): string {
  return htmlLabel(text) === 'telegram-html' ? 'telegram-html' : start.startsWith('<?xml') ? 'xhtml' : 'html'
}

function htmlLabel(text: string): string {
  return /class="page_wrap"/.test(text) && /class="(history|message (default|service))/.test(text)
    ? 'telegram-html'
    : 'html'
}

function byFirstLine(start: string): string | null {
  if (start.startsWith('{\\rtf')) return 'rtf'
  if (/^BEGIN:VCARD/i.test(start)) return 'vcf'
  if (/^BEGIN:VCALENDAR/i.test(start)) return 'ics'
  if (/^WEBVTT(\s|$)/.test(start)) return 'vtt'
  if (/^\d+\r?\n\d\d:\d\d:\d\d,\d{3} --> /.test(start)) return 'srt'
  if (/^(Windows Registry Editor Version 5|REGEDIT4)/.test(start)) return 'reg'
  if (/^BagIt-Version: \d/.test(start)) return 'bagit'
  if (start.startsWith('-----BEGIN PGP')) return 'pgp'
  if (/^-----BEGIN [A-Z0-9 ]+-----/.test(start)) return 'pem'
  if (/^\[ver\]\r?\n\t?\d/.test(start)) return 'sam'
  if (/^#!\s*\//.test(start)) return 'script'
  return /^d\d+:announce|^d8:announce|^d13:announce-list/.test(start) ? 'torrent' : null
}

/** A line that opens a WhatsApp message: Android 'date, time - ', iOS '[date, time] '; any digits, any order. */
export const WHATSAPP_LINE =
  /^[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]*\[?(\p{Nd}{1,4}[./\-‏\u200f]+\p{Nd}{1,2}[./\-‏\u200f]+\p{Nd}{1,4})[,،\s\u200f]+\s*(\p{Nd}{1,2}[:.٫]\p{Nd}{2}(?:[:.٫]\p{Nd}{2})?(?:[\s\u00a0\u202f]*[\p{L}.]{1,6})?)\]?(?:\s+[-–]\s+|(?<=\])\s*)(.*)$/u

function chat(text: string): string | null {
  const lines = text.split(/\r?\n/, 60).filter((line) => line !== '')
  const hits = lines.filter((line) => WHATSAPP_LINE.test(line)).length
  const speaks = lines.some((line) => /^[^:]{1,80}: /.test(WHATSAPP_LINE.exec(line)?.[3] ?? ''))
  return hits >= 2 && speaks && WHATSAPP_LINE.test(lines[0] ?? '') ? 'whatsapp' : null
}

const FROM_LINE = /^From \S+.*\d{2}:\d{2}(:\d{2})?.*\r?\n(?:>?[\w-]+:|\r?\n)/
const HEADER =
  /^(?:From|To|Cc|Bcc|Subject|Date|Received|Return-Path|Message-ID|MIME-Version|Content-Type|Delivered-To|X-[\w-]+|Reply-To|Sender|DKIM-Signature|Content-Transfer-Encoding|References|In-Reply-To|Authentication-Results|List-[\w-]+|Envelope-To|Resent-\w+|Content-Disposition|User-Agent|Importance|Thread-Topic|ARC-\S+|Errors-To|Precedence|Status|Newsgroups|Path)[ \t]*:/i

function mail(start: string, text: string, name: string): string | null {
  if (FROM_LINE.test(start))
    return /\.(eml|email|mht|mhtml)$/i.test(name) && !/\r?\n\r?\nFrom \S+.*\d\d:\d\d/.test(text)
      ? 'eml'
      : 'mbox'
  const head = start.split(/\r?\n\r?\n/, 1)[0] ?? ''
  const lines = head.split(/\r?\n/).filter((line) => !/^[ \t]/.test(line) && line !== '')
  const known = lines.filter((line) => HEADER.test(line)).length
  const shaped = lines.filter((line) => /^[!-9;-~]+[ \t]*:/.test(line)).length
  if (known < 2 && !(known === 1 && lines.length === 1)) return null
  if (
    known === 1 &&
    !/^(?:Received|Return-Path|Message-ID|MIME-Version|Content-Type|Delivered-To|Subject|From)[ \t]*:/i.test(
      head,
    )
  )
    return null
  if (shaped < lines.length * 0.6) return null
  const saved =
    /^Snapshot-Content-Location:|^From: .*(?:Saved by|Blink|Internet Explorer|Mozilla)/im.test(head) ||
    /\.mht(ml)?$/i.test(name)
  return saved && /^Content-Type:\s*(multipart\/related|text\/html)/im.test(head) ? 'mht' : 'eml'
}

function json(start: string, text: string): string | null {
  if (!/^[[{]\s*(?:["[{}\]\d-]|true|false|null)/.test(start)) return null
  if (
    /"messages"\s*:\s*\[/.test(text) &&
    /"type"\s*:\s*"(personal_chat|private_group|private_supergroup|public_channel|public_supergroup|private_channel|saved_messages|bot_chat|message|service)"/.test(
      text,
    )
  )
    return 'telegram-json'
  if (/"chats"\s*:\s*\{/.test(text) && /"about"\s*:\s*"Here is/.test(text)) return 'telegram-json'
  const firstLine = /^\{.*\}\r?\n\{/.test(start)
  return firstLine ? 'jsonl' : 'json'
}

/** Rows with the same number of the same separator, quotes respected. */
function table(text: string, name: string): string | null {
  const lines = text
    .split(/\r?\n/, 41)
    .slice(0, -1)
    .filter((line) => line.trim() !== '')
  const named = /\.(csv|tsv|tab)$/i.test(name)
  if (lines.length < (named ? 1 : 3)) return named && text.includes(',') ? 'csv' : null
  for (const [separator, label] of [
    ['\t', 'tsv'],
    [',', 'csv'],
    [';', 'csv'],
    ['|', 'csv'],
  ] as const) {
    const counts = lines.map((line) => line.replaceAll(/"[^"]*"/g, '').split(separator).length - 1)
    const most = counts[0] ?? 0
    const same = counts.filter((count) => count === most).length
    const strict = separator === ',' || separator === '|' ? 2 : 1
    if (most >= (named ? 1 : strict) && same >= lines.length * (named ? 0.6 : 0.95)) return label
  }
  return named ? 'csv' : null
}
