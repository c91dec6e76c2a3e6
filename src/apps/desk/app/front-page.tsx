import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslate, useWord } from '../language/translate.ts'
import { Page, Sheet } from '../ui/page.tsx'
import { Empty, Notice, Reading } from '../ui/states.tsx'
import { Chip, Count, Figure, When, Written } from '../ui/values.tsx'
import { type Asked, useAnswer } from './call.ts'
import { useMay, useSession } from './session.ts'

/** What came in, what waits, what failed, and whether all of it is intact. */
export function FrontPage(): ReactNode {
  const t = useTranslate()
  const may = useMay()
  const { secondFactorMissing } = useSession()
  return (
    <Page title={t('area.front')}>
      {secondFactorMissing ? (
        <Notice tone="asks" title={t('front.secondFactor')}>
          <p>{t('front.secondFactorHint')}</p>
          <Link to="/account">{t('front.secondFactorLink')}</Link>
        </Notice>
      ) : null}
      {may('item.list') ? <Waiting /> : null}
      <div className="sheets">
        {may('intake.read') ? <CameIn /> : null}
        {may('jobs.read') ? <Failed /> : null}
        {may('audit.read') ? <Intact /> : null}
        <LogState />
      </div>
    </Page>
  )
}

function Waiting(): ReactNode {
  const t = useTranslate()
  const may = useMay()
  return (
    <div className="figures">
      <CountOf
        label={t('front.waits')}
        query={{ state: ['received'] }}
        to={may('item.register') ? '/registration' : null}
      />
      <CountOf
        label={t('front.quarantined')}
        query={{ state: ['quarantined'] }}
        to={may('item.register') ? '/registration/quarantine' : null}
      />
      <CountOf label={t('front.reading')} query={{ state: ['registered'] }} to={null} />
      <CountOf label={t('front.processed')} query={{ state: ['processed', 'reviewable'] }} to={null} />
    </div>
  )
}

type CountQuery = NonNullable<NonNullable<Asked<'GET /api/items/count'>[0]>['query']>

function CountOf(props: { label: string; query: CountQuery; to: string | null }): ReactNode {
  const t = useTranslate()
  const counted = useAnswer('GET /api/items/count', { query: props.query }, { everyMs: 15_000 })
  const value = counted.data ? (
    <>
      {counted.data.exact ? '' : '≥ '}
      <Count of={counted.data.count} />
    </>
  ) : (
    <span className="quiet">{counted.isError ? t('front.unknown') : '…'}</span>
  )
  return <Figure value={value} label={props.to ? <Link to={props.to}>{props.label}</Link> : props.label} />
}

function CameIn(): ReactNode {
  const t = useTranslate()
  const word = useWord()
  const may = useMay()
  const batches = useAnswer('GET /api/batches', { query: { limit: 6 } }, { everyMs: 10_000 })
  return (
    <Sheet title={t('front.cameIn')} actions={<Link to="/intake">{t('front.allBatches')}</Link>}>
      <Reading of={batches}>
        {({ batches: list }) =>
          list.length === 0 ? (
            <Empty title={t('front.nothingYet')} hint={t('front.nothingYetHint')}>
              {may('intake.run') ? (
                <Link className="button first" to="/intake/new">
                  {t('intake.begin')}
                </Link>
              ) : null}
            </Empty>
          ) : (
            <ul className="stack">
              {list.map((batch) => (
                <li key={batch.id}>
                  <Link to={`/intake/${batch.id}`}>
                    <Written>{batch.label}</Written>
                  </Link>{' '}
                  <Chip>{word('batch', batch.state)}</Chip>
                  <div className="quiet small">
                    {t('front.batchLine', { taken: batch.counts.taken, failed: batch.counts.failed })} ·{' '}
                    <When at={batch.createdAt} />
                  </div>
                </li>
              ))}
            </ul>
          )
        }
      </Reading>
    </Sheet>
  )
}

function Failed(): ReactNode {
  const t = useTranslate()
  const jobs = useAnswer('GET /api/jobs', { query: { state: 'set-aside', limit: 5 } }, { everyMs: 15_000 })
  return (
    <Sheet title={t('front.failed')} actions={<Link to="/jobs">{t('area.jobs')}</Link>}>
      <Reading of={jobs}>
        {({ jobs: list }) =>
          list.length === 0 ? (
            <p className="quiet">{t('front.noneFailed')}</p>
          ) : (
            <ul className="stack">
              {list.map((job) => (
                <li key={job.id}>
                  <code>{job.name}</code>
                  <div className="small" dir="auto">
                    {job.error}
                  </div>
                </li>
              ))}
            </ul>
          )
        }
      </Reading>
    </Sheet>
  )
}

function Intact(): ReactNode {
  const t = useTranslate()
  const audits = useAnswer('GET /api/audits', undefined, { everyMs: 15_000 })
  return (
    <Sheet title={t('front.intact')} actions={<Link to="/audit">{t('area.audit')}</Link>}>
      <Reading of={audits}>
        {({ audits: [last] }) =>
          last ? (
            <>
              <p>
                <Chip
                  tone={last.state === 'problems' ? 'failed' : last.state === 'intact' ? 'lapis' : 'asks'}
                >
                  {t(`audit.${last.state}`)}
                </Chip>
              </p>
              <p className="quiet">
                <When at={last.endedAt ?? last.startedAt} both />
              </p>
              {last.problemCount > 0 ? <p>{t('audit.problemCount', { count: last.problemCount })}</p> : null}
            </>
          ) : (
            <p className="quiet">{t('front.noAudit')}</p>
          )
        }
      </Reading>
    </Sheet>
  )
}

function LogState(): ReactNode {
  const t = useTranslate()
  const log = useAnswer('GET /api/log', undefined, { everyMs: 10_000 })
  return (
    <Sheet title={t('front.log')}>
      <Reading of={log}>
        {(state) => (
          <>
            <p>{t('front.logLine', { size: state.treeSize, waiting: state.waiting })}</p>
            {state.sealedAt ? (
              <p className="quiet">
                {t('front.logSealed')} <When at={state.sealedAt} />
              </p>
            ) : null}
          </>
        )}
      </Reading>
    </Sheet>
  )
}
