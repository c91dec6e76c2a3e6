import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode, type ReactNode, useEffect, useState } from 'react'
import { I18nProvider } from 'react-aria-components'
import { createRoot } from 'react-dom/client'
import { queries } from './app/call.ts'
import { router } from './app/router.tsx'
import {
  applyToPage,
  type Language,
  languageTag,
  preferences,
  usePreferences,
} from './language/preferences.ts'
import { loadLanguage } from './language/translate.ts'
import './ui/faces.css'
import './ui/tokens.css'
import './ui/base.css'
import './ui/parts.css'

function Desk(): ReactNode {
  const { language } = usePreferences()
  const [ready, setReady] = useState<Language>(language)
  useEffect(() => {
    void loadLanguage(language).then(() => setReady(language))
  }, [language])
  if (ready !== language) return null
  return (
    <I18nProvider locale={languageTag(language)}>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </I18nProvider>
  )
}

async function start(): Promise<void> {
  const place = document.getElementById('root')
  if (!place) throw new Error('the page has no place for the desk')
  applyToPage()
  await loadLanguage(preferences().language)
  createRoot(place).render(
    <StrictMode>
      <Desk />
    </StrictMode>,
  )
}

void start()
