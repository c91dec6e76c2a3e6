import { decodeText } from '../charset/decode.ts'
import { readHtml } from '../documents/html-text.ts'
import type { Report } from '../containers/report.ts'

/** SVG: its words as text; scripts and addresses it would fetch are told, never followed. */
export function reportSvg(bytes: Buffer, charset: string, report: Report): void {
  const markup = decodeText(bytes, charset)
  report.text('text', readHtml(markup, true).text, { part: 'text' })
  if (/<script[\s>]|\son[a-z]+\s*=|href\s*=\s*["']\s*javascript:/i.test(markup)) {
    report.notice('active-content', 'The drawing holds a script; it was not run.', { step: 'text' })
  }
  if (/(?:href|src)\s*=\s*["']\s*(?:https?:)?\/\//i.test(markup)) {
    report.notice('external-reference', 'The drawing refers to pictures elsewhere; they were not fetched.', {
      step: 'text',
    })
  }
}
