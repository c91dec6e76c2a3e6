import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslate } from '../language/translate.ts'
import { Page } from '../ui/page.tsx'
import { Empty } from '../ui/states.tsx'

export function NotFoundPage(): ReactNode {
  const t = useTranslate()
  return (
    <Page title={t('state.notFound')}>
      <Empty title={t('state.noPage')} hint={t('state.noPageHint')}>
        <Link className="button" to="/">
          {t('area.front')}
        </Link>
      </Empty>
    </Page>
  )
}
