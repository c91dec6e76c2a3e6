import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { call, queries, useAnswer } from '../app/call.ts'
import { useTranslate, useWord } from '../language/translate.ts'
import { Choose, FormDialog, LongField, TickSeveral } from '../ui/form.tsx'
import { Page } from '../ui/page.tsx'
import { Empty } from '../ui/states.tsx'
import { ItemFilters, ItemList, readFilter } from './item-list.tsx'
import { type StateChange, StateChangeNotice } from './state-change.tsx'
import { CLASSES, FLAGS, oneOf } from './words.ts'

/** What was received and waits for an officer: choose one or many, give flags and classification, register. */
export function RegistrationPage(): ReactNode {
  const t = useTranslate()
  const search = useSearch({ strict: false }) as Record<string, unknown>
  const navigate = useNavigate()
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [change, setChange] = useState<StateChange | null>(null)
  const collections = useAnswer('GET /api/collections', { query: { limit: 200 } })
  const collection = typeof search['collection'] === 'string' ? search['collection'] : undefined
  const filter = { ...readFilter(search), state: 'received' as const, collection }
  return (
    <Page
      title={t('registration.title')}
      actions={
        <>
          <Register chosen={[...chosen]} done={(result) => (setChange(result), setChosen(new Set()))} />
          <Link className="button" to="/registration/quarantine">
            {t('quarantine.title')}
          </Link>
        </>
      }
    >
      <p className="quiet">{t('registration.hint')}</p>
      <StateChangeNotice of={change} />
      <div className="row bottom">
        <Choose
          label={t('field.collection')}
          value={collection ?? ''}
          onChange={({ target }) =>
            void navigate({ to: '.', search: { ...search, collection: target.value || undefined } as never })
          }
          options={[
            ['', t('filter.any')],
            ...(collections.data?.collections ?? []).map(({ id, name }) => [id, name] as const),
          ]}
        />
        <div className="grow">
          <ItemFilters
            states={false}
            filter={filter}
            change={(next) => void navigate({ to: '.', search: { ...next, state: undefined } as never })}
          />
        </div>
      </div>
      <ItemList
        filter={filter}
        choosing={{ chosen, change: setChosen }}
        empty={<Empty title={t('registration.none')} hint={t('registration.noneHint')} />}
      />
    </Page>
  )
}

function Register(props: { chosen: readonly string[]; done: (result: StateChange) => void }): ReactNode {
  const t = useTranslate()
  const word = useWord()
  return (
    <FormDialog
      button={t('registration.register', { count: props.chosen.length })}
      title={t('registration.register', { count: props.chosen.length })}
      submit={t('registration.submit')}
      tone="first"
      disabled={props.chosen.length === 0}
      act={async (sent) => {
        const classification = oneOf(CLASSES, sent.text('classification'))
        const flags = FLAGS.filter((flag) => sent.several('flags').includes(flag))
        const note = sent.text('note')
        const result = await call('POST /api/items/register', {
          body: {
            items: [...props.chosen],
            ...(flags.length > 0 ? { flags } : {}),
            ...(classification ? { classification } : {}),
            ...(note ? { note } : {}),
          },
        })
        props.done(result)
        await queries.invalidateQueries()
      }}
    >
      <p className="quiet">{t('registration.numbers')}</p>
      <Choose
        label={t('collection.classification')}
        name="classification"
        options={[
          ['', t('registration.asCollection')],
          ...CLASSES.map((one) => [one, word('class', one)] as const),
        ]}
      />
      <TickSeveral
        legend={t('item.flags')}
        name="flags"
        options={FLAGS.map((flag) => [flag, word('flag', flag)])}
      />
      <LongField label={t('field.note')} name="note" maxLength={2000} />
    </FormDialog>
  )
}
