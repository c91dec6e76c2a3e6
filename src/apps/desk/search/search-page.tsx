import { type ReactNode, useState } from 'react'
import { Button } from 'react-aria-components'
import { readQuery } from '../../../text/read-query.ts'
import { CallFailed } from '../app/call.ts'
import { useMay } from '../app/session.ts'
import { useTranslate } from '../language/translate.ts'
import { Choose } from '../ui/form.tsx'
import { Listing } from '../ui/listing.tsx'
import { Page } from '../ui/page.tsx'
import { Empty, Failure } from '../ui/states.tsx'
import { ask, type Asked, SORT_WORDS, useAsked } from './asked.ts'
import { Facets } from './facets.tsx'
import { Hits } from './hits.tsx'
import { QueryFaultNotice } from './query-fault.tsx'
import { saveCsv } from './save-csv.ts'
import { SyntaxHelp } from './syntax-help.tsx'
import { useSearchRun } from './use-search.ts'

/** Finds passages: a question, what answers it, how to narrow it. */
export function SearchPage(): ReactNode {
  const t = useTranslate()
  const asked = useAsked()
  const may = useMay()
  return (
    <Page
      title={t('area.search')}
      actions={may('search.export') && asked.query ? <SaveCsv asked={asked} /> : null}
    >
      <Question key={asked.turn} asked={asked} />
      {asked.query ? <Answer asked={asked} /> : <Begin />}
    </Page>
  )
}

function Question(props: { asked: Asked }): ReactNode {
  const t = useTranslate()
  const { asked } = props
  const [typed, setTyped] = useState(asked.query)
  const reading = typed.trim() === '' ? null : readQuery(typed)
  // A query is judged while it is typed only once it was asked: nobody is told off in the middle of a word.
  const fault = reading && !reading.ok && typed === asked.query ? reading.error : null
  return (
    <search>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          ask(typed)
        }}
      >
        <div className="row bottom">
          <div className="field grow">
            <label htmlFor="question">{t('search.label')}</label>
            <input
              id="question"
              type="search"
              dir="auto"
              autoFocus
              autoComplete="off"
              spellCheck={false}
              aria-invalid={fault !== null}
              aria-describedby="question-hint"
              value={typed}
              onChange={({ target }) => setTyped(target.value)}
            />
          </div>
          <Choose
            label={t('search.sort')}
            value={asked.sort}
            onChange={({ target }) =>
              ask(typed, SORT_WORDS.find((sort) => sort === target.value) ?? 'relevance')
            }
            options={SORT_WORDS.map((sort) => [sort, t(`search.${sort}`)])}
          />
          <button className="button first" type="submit">
            {t('search.submit')}
          </button>
        </div>
        <p className="quiet small" id="question-hint">
          {t('search.hint')}
        </p>
      </form>
      <SyntaxHelp />
    </search>
  )
}

function Begin(): ReactNode {
  const t = useTranslate()
  return <Empty title={t('search.begin')} hint={t('search.beginHint')} />
}

function Answer(props: { asked: Asked }): ReactNode {
  const t = useTranslate()
  const run = useSearchRun(props.asked)
  const first = run.pages[0]
  if (run.error instanceof CallFailed && run.error.code === 'query_syntax')
    return <QueryFaultNotice query={props.asked.query} failed={run.error} />
  return (
    <div className="aside">
      <aside className="stack" aria-label={t('search.facets')}>
        {first ? <Facets of={first.facets} query={props.asked.query} /> : null}
      </aside>
      <section className="stack" aria-live="polite">
        {first ? <p>{t('search.counts', { passages: first.passages, items: first.subjects })}</p> : null}
        <Listing
          of={run}
          rows={(page) => page.hits}
          empty={<Empty title={t('search.none')} hint={t('search.noneHint')} />}
        >
          {(hits) => <Hits of={hits} />}
        </Listing>
      </section>
    </div>
  )
}

function SaveCsv(props: { asked: Asked }): ReactNode {
  const t = useTranslate()
  const [failed, setFailed] = useState<unknown>(null)
  const [busy, setBusy] = useState(false)
  const save = async (): Promise<void> => {
    setBusy(true)
    setFailed(null)
    await saveCsv(props.asked)
      .catch(setFailed)
      .finally(() => setBusy(false))
  }
  return (
    <>
      <Failure error={failed} />
      <Button className="button" isDisabled={busy} onPress={() => void save()}>
        {busy ? t('state.working') : t('search.csv')}
      </Button>
    </>
  )
}
