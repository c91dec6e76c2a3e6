import { useParams } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { call, queries, useAnswer } from '../app/call.ts'
import { useMay } from '../app/session.ts'
import { useTranslate, useWord } from '../language/translate.ts'
import { Choose, FormDialog, LongField } from '../ui/form.tsx'
import { Facts, Page, PageReading, Sheet } from '../ui/page.tsx'
import { Chip, When, Written } from '../ui/values.tsx'
import { ItemList } from './item-list.tsx'
import { type Source, SourceIdentity } from './source-identity.tsx'
import { oneOf, PERMISSION_WORDS } from './words.ts'

/** One source: what its provider permits, what came from it, and, for those who may, who it is. */
export function SourcePage(): ReactNode {
  const t = useTranslate()
  const may = useMay()
  const { id = '' } = useParams({ strict: false }) as { id?: string }
  const source = useAnswer('GET /api/sources/:id', { params: { id } })
  return (
    <PageReading of={source} title={t('area.sources')}>
      {(found) => (
        <Page
          title={found.code}
          crumbs={[{ label: t('area.sources'), to: '/sources' }, { label: found.code }]}
          under={<Permission of={found} />}
          actions={may('source.manage') ? <Permit of={found} /> : null}
        >
          <div className="sheets">
            <About of={found} />
            <SourceIdentity of={found} />
          </div>
          <h2>{t('source.items')}</h2>
          <ItemList filter={{ source: id }} />
        </Page>
      )}
    </PageReading>
  )
}

function Permission(props: { of: Source }): ReactNode {
  const word = useWord()
  const { status } = props.of.permission
  return (
    <span className="row">
      <Chip tone={status === 'given' ? undefined : 'asks'}>{word('permission', status)}</Chip>
      <Chip>{word('sourceKind', props.of.kind)}</Chip>
    </span>
  )
}

function About(props: { of: Source }): ReactNode {
  const t = useTranslate()
  const { of } = props
  return (
    <Sheet title={t('source.about')}>
      <Facts
        of={[
          [t('source.providerShort'), of.provider ? <Written key="p">{of.provider}</Written> : null],
          [t('source.terms'), of.permission.terms ? <Written key="t">{of.permission.terms}</Written> : null],
          [t('collection.compartment'), <Written key="c">{of.compartment.name}</Written>],
          [t('field.note'), of.note ? <Written key="n">{of.note}</Written> : null],
          [t('source.made'), <When key="w" at={of.createdAt} both time={false} />],
        ]}
      />
    </Sheet>
  )
}

function Permit(props: { of: Source }): ReactNode {
  const t = useTranslate()
  const word = useWord()
  const { of } = props
  return (
    <FormDialog
      button={t('source.permit')}
      title={t('source.permit')}
      submit={t('action.save')}
      act={async (sent) => {
        await call('POST /api/sources/:id/permission', {
          params: { id: of.id },
          body: {
            status: oneOf(PERMISSION_WORDS, sent.text('status')) ?? of.permission.status,
            terms: sent.text('terms') || null,
            reason: sent.text('reason'),
          },
        })
        await queries.invalidateQueries()
      }}
    >
      <p className="quiet">{t('source.permitHint')}</p>
      <Choose
        label={t('item.permission')}
        name="status"
        defaultValue={of.permission.status}
        options={PERMISSION_WORDS.map((one) => [one, word('permission', one)])}
      />
      <LongField
        label={t('source.terms')}
        hint={t('source.termsHint')}
        name="terms"
        maxLength={4000}
        defaultValue={of.permission.terms ?? ''}
      />
      <LongField label={t('field.why')} name="reason" required minLength={3} maxLength={2000} />
    </FormDialog>
  )
}
