import { setupI18n } from '@lingui/core'
import type en from './messages/en.json'
import { languageTag, type Language, usePreferences } from './preferences.ts'

/** Every visible sentence has a name here; a name that no catalogue holds does not compile. */
export type MessageId = keyof typeof en
export type Values = Readonly<Record<string, string | number>>
export type Translate = (id: MessageId, values?: Values) => string

const catalogues = {
  en: () => import('virtual:messages/en'),
  prs: () => import('virtual:messages/prs'),
} as const

const spoken = new Map<Language, Translate>()

/** Brings a language's catalogue; call before anything is drawn in it. */
export async function loadLanguage(language: Language): Promise<void> {
  if (spoken.has(language)) return
  const { messages } = await catalogues[language]()
  const tag = languageTag(language)
  const i18n = setupI18n({ locale: tag, messages: { [tag]: messages } })
  spoken.set(language, (id, values) => i18n._(id, isolate(language, values)))
}

/** The translator of the reader's language, which has been loaded. */
export function useTranslate(): Translate {
  return translator(usePreferences().language)
}

export function translator(language: Language): Translate {
  const found = spoken.get(language)
  if (!found) throw new Error(`the catalogue of ${language} has not been loaded`)
  return found
}

/**
 * A word that a contract lists (a state, a role, a family) in the reader's language; where the catalogue lacks
 * it (a newer server), the word itself.
 */
export function useWord(): (group: string, word: string) => string {
  const t = useTranslate()
  return (group, word) => {
    const id = `${group}.${word}`
    const said = t(id as MessageId)
    return said === id ? word : said
  }
}

const OTHER_SCRIPT: Readonly<Record<Language, RegExp>> = {
  en: /[\u0590-\u08ff\ufb1d-\ufefc]/,
  prs: /[A-Za-z]/,
}

/** A name of the other direction must not turn the sentence around it: it is put between isolating marks. */
function isolate(language: Language, values: Values | undefined): Values | undefined {
  if (!values) return values
  const isolated = Object.entries(values).map(([key, value]) => [
    key,
    typeof value === 'string' && OTHER_SCRIPT[language].test(value) ? `\u2068${value}\u2069` : value,
  ])
  return Object.fromEntries(isolated) as Values
}
