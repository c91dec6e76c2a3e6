import { useSyncExternalStore } from 'react'

export type Language = 'en' | 'prs'
export type CalendarChoice = 'gregorian' | 'solar-hijri'
export type Theme = 'auto' | 'light' | 'dark'
export type Numerals = 'language' | 'western'

/** How one person reads: kept in this browser only. */
export interface Preferences {
  readonly language: Language
  readonly calendar: CalendarChoice
  readonly theme: Theme
  readonly numerals: Numerals
}

const KEY = 'amanat.preferences'
const listeners = new Set<() => void>()
let current = read()

function read(): Preferences {
  const language = /^(fa|prs|ps)/.test(navigator.language) ? 'prs' : 'en'
  const standard: Preferences = {
    language,
    calendar: language === 'prs' ? 'solar-hijri' : 'gregorian',
    theme: 'auto',
    numerals: 'language',
  }
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Preferences>
    return { ...standard, ...kept }
  } catch {
    return standard // unreadable or forbidden storage: the standard is right, and the next change writes it anew
  }
}

/** Keeps a change and tells every reader; language and theme take effect on the whole page. */
export function prefer(change: Partial<Preferences>): void {
  current = { ...current, ...change }
  try {
    localStorage.setItem(KEY, JSON.stringify(current))
  } finally {
    applyToPage()
    for (const tell of listeners) tell()
  }
}

/** Language, direction and theme of the page itself. */
export function applyToPage(): void {
  const root = document.documentElement
  root.lang = languageTag(current.language)
  root.dir = directionOf(current.language)
  if (current.theme === 'auto') delete root.dataset['theme']
  else root.dataset['theme'] = current.theme
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, () => current)
}

export function preferences(): Preferences {
  return current
}

/** Dari's tag as browsers and screen readers know it. */
export function languageTag(language: Language): string {
  return language === 'prs' ? 'fa-AF' : 'en'
}

export function directionOf(language: Language): 'ltr' | 'rtl' {
  return language === 'prs' ? 'rtl' : 'ltr'
}

function subscribe(tell: () => void): () => void {
  listeners.add(tell)
  return () => listeners.delete(tell)
}
