import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { call, queries, useAnswer } from '../app/call.ts'
import { useMay } from '../app/session.ts'
import { NewSource } from '../evidence/new-source.tsx'
import { useTranslate } from '../language/translate.ts'
import { Choose, Form, LongField, type Sent, TextField } from '../ui/form.tsx'
import { Page, Sheet } from '../ui/page.tsx'
import { Empty, Reading } from '../ui/states.tsx'
import { custodyOf, CustodySheet } from './custody-sheet.tsx'

/** Receives a thing: a phone, a drive, a notebook; with its condition, seal, place and custodian. */
export function NewThingPage(): ReactNode {
  const t = useTranslate()
  const navigate = useNavigate()
  const { collection: given } = useSearch({ strict: false }) as { collection?: string }
  const collections = useAnswer('GET /api/collections', { query: { limit: 200 } })
  const receive = async (sent: Sent): Promise<void> => {
    const { id } = await call('POST /api/items/physical', {
      body: {
        collectionId: sent.text('collection'),
        sourceId: sent.text('source') || null,
        name: sent.text('name'),
        condition: sent.text('condition'),
        seal: sent.text('seal'),
        barcode: sent.text('barcode'),
        location: sent.text('location'),
        custodian: sent.text('custodian'),
        custody: custodyOf(sent),
      },
    })
    await queries.invalidateQueries()
    await navigate({ to: `/items/${id}` })
  }
  return (
    <Page
      title={t('thing.receive')}
      crumbs={[{ label: t('area.intake'), to: '/intake' }, { label: t('thing.receive') }]}
    >
      <p className="quiet">{t('thing.hint')}</p>
      <Reading of={collections}>
        {({ collections: list }) =>
          list.length === 0 ? (
            <Empty title={t('collections.none')} hint={t('thing.needsCollection')}>
              <Link className="button" to="/collections">
                {t('area.collections')}
              </Link>
            </Empty>
          ) : (
            <Form submit={t('thing.submit')} act={receive}>
              <div className="sheets">
                <ThingSheet collections={list} given={given ?? ''} />
                <CustodySheet />
              </div>
            </Form>
          )
        }
      </Reading>
    </Page>
  )
}

function ThingSheet(props: {
  collections: readonly { id: string; name: string }[]
  given: string
}): ReactNode {
  const t = useTranslate()
  const may = useMay()
  const sources = useAnswer('GET /api/sources', { query: { limit: 200 } })
  const known = (sources.data?.sources ?? []).map(
    (one) => [one.id, `${one.code} ${one.provider ?? ''}`.trim()] as const,
  )
  return (
    <Sheet title={t('thing.what')} actions={may('source.manage') ? <NewSource /> : null}>
      <TextField label={t('thing.name')} hint={t('thing.nameHint')} name="name" required maxLength={300} />
      <Choose
        label={t('field.collection')}
        name="collection"
        required
        defaultValue={props.given}
        options={props.collections.map(({ id, name }) => [id, name])}
      />
      <Choose label={t('item.source')} name="source" options={[['', t('intake.noSource')], ...known]} />
      <LongField label={t('thing.condition')} name="condition" maxLength={2000} />
      <div className="row bottom">
        <div className="grow">
          <TextField label={t('custody.seal')} name="seal" maxLength={200} />
        </div>
        <div className="grow">
          <TextField label={t('thing.barcode')} name="barcode" maxLength={200} />
        </div>
      </div>
      <TextField label={t('thing.location')} name="location" maxLength={300} />
      <TextField label={t('thing.custodian')} name="custodian" maxLength={300} />
    </Sheet>
  )
}
