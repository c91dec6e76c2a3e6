import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Language } from './browser.ts'

const MESSAGES = path.join(import.meta.dirname, '../../src/apps/desk/language/messages')
const read = (language: Language): Record<string, string> =>
  JSON.parse(readFileSync(path.join(MESSAGES, `${language}.json`), 'utf8')) as Record<string, string>
const catalogues: Readonly<Record<Language, Record<string, string>>> = { en: read('en'), prs: read('prs') }

/** What the desk says in a language, for finding it as a person does. Only for messages without values. */
export function words(language: Language): (id: string) => string {
  return (id) => {
    const text = catalogues[language][id]
    if (text === undefined || text.includes('{')) throw new Error(`no plain message ${id} in ${language}`)
    return text
  }
}
