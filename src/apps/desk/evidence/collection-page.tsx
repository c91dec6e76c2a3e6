import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { call, queries, type Said, useAnswer } from '../app/call.ts'
import { useMay } from '../app/session.ts'
import { GiveGrant, GrantTable } from '../identity/grant-table.tsx'
import { ProposeErasure } from '../integrity/propose-erasure.tsx'
import { useTranslate, useWord } from '../language/translate.ts'
import { Choose, FormDialog, LongField, TextField, Tick } from '../ui/form.tsx'
import { Facts, Page, PageReading, Sheet } from '../ui/page.tsx'
import { Count, Figure, When, Written } from '../ui/values.tsx'
import { ItemFilters, ItemList, readFilter } from './item-list.tsx'
import { CLASSES, oneOf } from './words.ts'

type Collection = Said<'GET /api/collections/:id'>

/** One collection: what it is, what it holds, who may see it. */
export function CollectionPage(): ReactNode {
  const t = useTranslate()
  const may = useMay()
  const { id = '' } = useParams({ strict: false }) as { id?: string }
  const search = useSearch({ strict: false }) as Record<string, unknown>
  const navigate = useNavigate()
  const filter = readFilter(search)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const choosing = may('item.erase') ? { choosing: { chosen, change: setChosen } } : {}
  const collection = useAnswer('GET /api/collections/:id', { params: { id } })
  return (
    <PageReading of={collection} title={t('area.collections')}>
      {(found) => (
        <Page
          title={found.name}
          crumbs={[{ label: t('area.collections'), to: '/collections' }, { label: found.name }]}
          under={
            found.description ? (
              <p dir="auto" className="quiet">
                {found.description}
              </p>
            ) : null
          }
          actions={
            <>
              {may('intake.run') ? (
                <Link className="button first" to="/intake/new" search={{ collection: id }}>
                  {t('intake.begin')}
                </Link>
              ) : null}
              {may('collections.manage') ? <Change of={found} /> : null}
              {may('grants.give') ? <GiveGrant subjectKind="collection" subjectId={id} /> : null}
            </>
          }
        >
          <States of={found} />
          <ItemFilters filter={filter} change={(next) => void navigate({ to: '.', search: next })} />
          {chosen.size > 0 ? (
            <div className="row">
              <span role="status">{t('list.chosen', { count: chosen.size })}</span>
              <ProposeErasure items={[...chosen]} done={() => setChosen(new Set())} />
            </div>
          ) : null}
          <ItemList filter={{ ...filter, collection: id }} {...choosing} />
          <div className="sheets">
            <About of={found} />
            <Sheet title={t('grants.title')}>
              <GrantTable subjectId={id} />
            </Sheet>
          </div>
        </Page>
      )}
    </PageReading>
  )
}

function States(props: { of: Collection }): ReactNode {
  const t = useTranslate()
  const word = useWord()
  const { items, byState } = props.of.counts
  return (
    <div className="figures">
      <Figure label={t('collection.items')} value={<Count of={items} />} />
      {Object.entries(byState).map(([state, count]) => (
        <Figure key={state} label={word('state', state)} value={<Count of={count} />} />
      ))}
    </div>
  )
}

function About(props: { of: Collection }): ReactNode {
  const t = useTranslate()
  const word = useWord()
  const { of } = props
  return (
    <Sheet title={t('collection.about')}>
      <Facts
        of={[
          [t('collection.compartment'), <Written key="c">{of.compartment.name}</Written>],
          [t('collection.classification'), word('class', of.defaultClassification)],
          [t('collection.trustsIntake'), t(of.trustsIntake ? 'value.yes' : 'value.no')],
          [t('collection.created'), <When key="w" at={of.createdAt} both time={false} />],
        ]}
      />
    </Sheet>
  )
}

function Change(props: { of: Collection }): ReactNode {
  const t = useTranslate()
  const word = useWord()
  const { of } = props
  return (
    <FormDialog
      button={t('action.change')}
      title={t('collection.change')}
      submit={t('action.save')}
      act={async (sent) => {
        await call('PATCH /api/collections/:id', {
          params: { id: of.id },
          body: {
            name: sent.text('name'),
            description: sent.text('description'),
            defaultClassification: oneOf(CLASSES, sent.text('classification')) ?? of.defaultClassification,
            trustsIntake: sent.ticked('trustsIntake'),
          },
        })
        await queries.invalidateQueries()
      }}
    >
      <TextField label={t('list.name')} name="name" required maxLength={200} defaultValue={of.name} />
      <LongField
        label={t('collection.description')}
        name="description"
        maxLength={4000}
        defaultValue={of.description}
      />
      <Choose
        label={t('collection.classification')}
        name="classification"
        defaultValue={of.defaultClassification}
        options={CLASSES.map((one) => [one, word('class', one)])}
      />
      <Tick name="trustsIntake" label={t('collection.trustsIntakeHint')} defaultChecked={of.trustsIntake} />
    </FormDialog>
  )
}
