import type { ReactNode } from 'react'
import { Button } from 'react-aria-components'
import { prefer, usePreferences } from '../language/preferences.ts'
import { useTranslate } from '../language/translate.ts'

/** The other language, named in itself. */
export function LanguageSwitch(): ReactNode {
  const { language } = usePreferences()
  const other = language === 'en' ? 'prs' : 'en'
  return (
    <Button
      className="button bare"
      onPress={() => prefer({ language: other, calendar: other === 'prs' ? 'solar-hijri' : 'gregorian' })}
    >
      <span lang={other === 'prs' ? 'fa-AF' : 'en'}>{other === 'prs' ? 'دری' : 'English'}</span>
    </Button>
  )
}

const NEXT_THEME = { auto: 'light', light: 'dark', dark: 'auto' } as const

export function ThemeSwitch(): ReactNode {
  const t = useTranslate()
  const { theme } = usePreferences()
  return (
    <Button className="button bare" onPress={() => prefer({ theme: NEXT_THEME[theme] })}>
      {t('shell.theme', { theme: t(`theme.${theme}`) })}
    </Button>
  )
}
