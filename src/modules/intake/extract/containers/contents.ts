import type { Report } from './report.ts'

const MOST_CHARACTERS = 1024 * 1024

/** The list of what a container holds, as text: entries that can't be unpacked are still found by their names. */
export class Contents {
  readonly #lines: string[] = []
  #characters = 0
  #count = 0

  line(path: string, remark = ''): void {
    this.#count++
    if (this.#characters > MOST_CHARACTERS) return
    const line = (remark === '' ? path : `${path} (${remark})`).replaceAll(/[\p{Cc}\r\n]+/gu, ' ')
    this.#lines.push(line)
    this.#characters += line.length + 1
  }

  into(report: Report): void {
    report.find('archive.entries', this.#count)
    if (this.#characters > MOST_CHARACTERS) {
      this.#lines.push('…')
      report.notice(
        'truncated',
        `The list of contents is shown up to ${MOST_CHARACTERS} characters; all entries are kept.`,
      )
    }
    report.text('contents', this.#lines.join('\n'), { contents: true })
  }
}
