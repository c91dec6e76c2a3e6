import type { ReactNode } from 'react'
import { addressOf, useAnswer } from '../app/call.ts'
import { useMay } from '../app/session.ts'
import { CheckPanel } from '../integrity/check-panel.tsx'
import { useFormat } from '../language/format.ts'
import { useTranslate } from '../language/translate.ts'
import { Page, Sheet } from '../ui/page.tsx'
import { Notice } from '../ui/states.tsx'
import { RegistrationNumber } from '../ui/values.tsx'
import { Custody, ERASED_KIND } from './custody.tsx'
import type { Item } from './item.ts'

/** What is left of an item that two people had erased: its number, its place in the log, its chain of custody. */
export function ErasedItem(props: { of: Item }): ReactNode {
  const t = useTranslate()
  const may = useMay()
  const { of } = props
  const params = { id: of.id }
  const number = of.registrationNumber
  return (
    <Page
      title={t('item.erasedTitle')}
      crumbs={[
        { label: t('area.collections'), to: '/collections' },
        { label: of.collection.name, to: `/collections/${of.collection.id}` },
        { label: number ?? t('item.erasedName') },
      ]}
      under={
        number ? (
          <RegistrationNumber number={number} copies />
        ) : (
          <span className="quiet">{t('item.notRegistered')}</span>
        )
      }
      actions={
        may('item.certify') && number ? (
          <a className="button" href={addressOf('GET /api/items/:id/certificate', { params })} download>
            {t('item.certificate')}
          </a>
        ) : null
      }
    >
      <ErasedBy id={of.id} />
      <h2>{t('item.custody')}</h2>
      <Custody id={of.id} erased />
      <Sheet title={t('item.check')}>
        <CheckPanel id={of.id} registered={of.registered !== null} />
      </Sheet>
    </Page>
  )
}

/** ERASED BY #n, as verifiers say it; in words below. */
function ErasedBy(props: { id: string }): ReactNode {
  const t = useTranslate()
  const format = useFormat()
  const custody = useAnswer('GET /api/items/:id/custody', { params: { id: props.id } })
  const order = custody.data?.events.find(({ kind }) => kind === ERASED_KIND)
  const at = order?.sealed ?? null
  return (
    <Notice
      tone="asks"
      title={at === null ? t('item.erasedTitle') : t('item.erasedBy', { number: format.number(at) })}
    >
      <p>{t('item.erasedHint')}</p>
    </Notice>
  )
}
