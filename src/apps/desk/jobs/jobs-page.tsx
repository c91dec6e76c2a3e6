import { type ReactNode, useState } from 'react'
import { Button } from 'react-aria-components'
import type { Job } from '../../../contract/jobs.ts'
import { type Said, useCommand } from '../app/call.ts'
import { usePages } from '../app/pages.ts'
import { useMay } from '../app/session.ts'
import { oneOf } from '../evidence/words.ts'
import { useTranslate, useWord } from '../language/translate.ts'
import { Choose } from '../ui/form.tsx'
import { Listing } from '../ui/listing.tsx'
import { Page, Sheet } from '../ui/page.tsx'
import { Empty, Failure } from '../ui/states.tsx'
import { Chip, Count, When, Written } from '../ui/values.tsx'

const STATES: readonly Job['state'][] = ['waiting', 'running', 'retrying', 'done', 'set-aside', 'cancelled']

/** Work in the background: what runs, what waits, what was set aside after its tries and why. */
export function JobsPage(): ReactNode {
  const t = useTranslate()
  const word = useWord()
  const [state, setState] = useState<Job['state'] | null>(null)
  const jobs = usePages('GET /api/jobs', { query: { limit: 50, state: state ?? undefined } }, 5_000)
  return (
    <Page title={t('area.jobs')}>
      {jobs.pages[0] ? <Counts of={jobs.pages[0]} /> : null}
      <div className="row">
        <Choose
          label={t('list.state')}
          value={state ?? ''}
          onChange={({ target }) => setState(oneOf(STATES, target.value))}
          options={[['', t('filter.any')], ...STATES.map((one) => [one, word('job', one)] as const)]}
        />
      </div>
      <Listing
        of={jobs}
        rows={(page) => page.jobs}
        empty={<Empty title={t('jobs.none')} hint={t('jobs.noneHint')} />}
      >
        {(rows) => <JobTable rows={rows} />}
      </Listing>
    </Page>
  )
}

function Counts(props: { of: Said<'GET /api/jobs'> }): ReactNode {
  const t = useTranslate()
  const word = useWord()
  const may = useMay()
  const retry = useCommand('POST /api/jobs/retry')
  const counts = props.of.counts.filter(({ count, state }) => count > 0 && state !== 'done')
  if (counts.length === 0) return null
  return (
    <Sheet title={t('jobs.counts')}>
      <ul className="stack">
        {counts.map(({ name, state, count }) => (
          <li key={`${name} ${state}`} className="row">
            <code>{name}</code>
            <Chip tone={state === 'set-aside' ? 'asks' : undefined}>{word('job', state)}</Chip>
            <Count of={count} />
            {state === 'set-aside' && may('jobs.retry') ? (
              <Button
                className="button"
                isDisabled={retry.isPending}
                onPress={() => retry.mutate({ body: { name } })}
              >
                {t('jobs.retryAll')}
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
      <Failure error={retry.error} />
    </Sheet>
  )
}

function JobTable(props: { rows: readonly Job[] }): ReactNode {
  const t = useTranslate()
  const word = useWord()
  const may = useMay()
  const retry = useCommand('POST /api/jobs/:id/retry')
  return (
    <>
      <Failure error={retry.error} />
      <div className="table">
        <table>
          <thead>
            <tr>
              <th>{t('jobs.name')}</th>
              <th>{t('list.state')}</th>
              <th className="numbers">{t('jobs.tries')}</th>
              <th>{t('jobs.created')}</th>
              <th>{t('jobs.ended')}</th>
              <th>{t('jobs.error')}</th>
              <th>
                <span className="unseen">{t('list.actions')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {props.rows.map((job) => (
              <tr key={job.id}>
                <td>
                  <code>{job.name}</code>
                </td>
                <td>
                  <Chip tone={job.state === 'set-aside' ? 'asks' : undefined}>{word('job', job.state)}</Chip>
                </td>
                <td className="numbers">
                  <Count of={job.tries} /> / <Count of={job.triesAllowed} />
                </td>
                <td>
                  <When at={job.createdAt} />
                </td>
                <td>
                  <When at={job.endedAt} />
                </td>
                <td className="name">{job.error ? <Written>{job.error}</Written> : null}</td>
                <td>
                  {job.state === 'set-aside' && may('jobs.retry') ? (
                    <Button
                      className="button"
                      isDisabled={retry.isPending}
                      onPress={() => retry.mutate({ params: { id: job.id } })}
                    >
                      {t('action.again')}
                    </Button>
                  ) : null}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}
