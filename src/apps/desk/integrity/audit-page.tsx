import type { ReactNode } from 'react'
import { Link } from '@tanstack/react-router'
import { Button } from 'react-aria-components'
import { type Said, useAnswer, useCommand } from '../app/call.ts'
import { useMay } from '../app/session.ts'
import { useTranslate, useWord } from '../language/translate.ts'
import { Facts, Page, Sheet } from '../ui/page.tsx'
import { Empty, Failure, Reading } from '../ui/states.tsx'
import { Some } from '../ui/some.tsx'
import { Bytes, Chip, Count, Progress, When, Written } from '../ui/values.tsx'

type Audit = Said<'GET /api/audits/:id'>

const TONES = { running: 'lapis', intact: 'lapis', problems: 'failed', stopped: 'asks' } as const

/** The last audit with each problem named, the earlier ones, and the state of the log. */
export function AuditPage(): ReactNode {
  const t = useTranslate()
  const may = useMay()
  const audits = useAnswer('GET /api/audits', undefined, { everyMs: 5_000 })
  const start = useCommand('POST /api/audits')
  const running = audits.data?.audits.some(({ state }) => state === 'running') ?? false
  return (
    <Page
      title={t('area.audit')}
      actions={
        <>
          {may('audit.run') ? (
            <Button
              className="button first"
              isDisabled={running || start.isPending}
              onPress={() => start.mutate(undefined)}
            >
              {running ? t('audit.running') : t('audit.run')}
            </Button>
          ) : null}
          {may('backup.run') ? (
            <Link className="button" to="/audit/backup">
              {t('backup.title')}
            </Link>
          ) : null}
          {may('item.erase') ? (
            <Link className="button" to="/audit/erasures">
              {t('erasure.title')}
            </Link>
          ) : null}
        </>
      }
    >
      <p className="quiet">{t('audit.hint')}</p>
      <Failure error={start.error} />
      <Reading of={audits}>
        {({ audits: [last, ...earlier] }) =>
          last ? (
            <>
              <One of={last} />
              {earlier.length > 0 ? <Earlier of={earlier} /> : null}
            </>
          ) : (
            <Empty title={t('front.noAudit')} hint={t('audit.noneHint')} />
          )
        }
      </Reading>
      <Log />
    </Page>
  )
}

function One(props: { of: Audit }): ReactNode {
  const t = useTranslate()
  const { of } = props
  return (
    <Sheet title={t('audit.last')} actions={<Chip tone={TONES[of.state]}>{t(`audit.${of.state}`)}</Chip>}>
      {of.state === 'running' ? <Progress label={t('audit.running')} part={partDone(of)} /> : null}
      <Facts
        of={[
          [
            t('audit.began'),
            <span key="b">
              <When at={of.startedAt} both /> · <Written>{of.startedBy}</Written>
            </span>,
          ],
          [t('audit.ended'), of.endedAt ? <When key="e" at={of.endedAt} both /> : null],
          [
            t('audit.blobs'),
            <span key="l">
              <Count of={of.done.blobs} /> / <Count of={of.total.blobs} />
              <BytesRead of={of.done.bytes} />
            </span>,
          ],
          [
            t('audit.entries'),
            <span key="n">
              <Count of={of.done.entries} /> / <Count of={of.total.entries} />
            </span>,
          ],
          [t('audit.tiles'), <Count key="t" of={of.done.tiles} />],
          [t('audit.treeSize'), <Count key="z" of={of.treeSize} />],
        ]}
      />
      {of.problemCount > 0 ? (
        <div className="notice failed">
          <h3>{t('audit.problemCount', { count: of.problemCount })}</h3>
        </div>
      ) : null}
      {of.problems.length > 0 ? <Some of={of.problems}>{(rows) => <Problems rows={rows} />}</Some> : null}
    </Sheet>
  )
}

function Problems(props: { rows: readonly Audit['problems'][number][] }): ReactNode {
  const t = useTranslate()
  const word = useWord()
  return (
    <div className="table">
      <table>
        <thead>
          <tr>
            <th>{t('audit.kind')}</th>
            <th>{t('audit.object')}</th>
            <th>{t('list.name')}</th>
            <th>{t('audit.words')}</th>
          </tr>
        </thead>
        <tbody>
          {props.rows.map((problem) => (
            <tr key={`${problem.object} ${problem.name} ${problem.kind} ${problem.words}`}>
              <td>
                <Chip tone="failed">{word('problem', problem.kind)}</Chip>
              </td>
              <td>{word('object', problem.object)}</td>
              <td className="name">
                <bdi className="mono small">{problem.name}</bdi>
              </td>
              <td>
                {word('problemSays', `${problem.object}.${problem.kind}`)}
                <div className="quiet small">
                  <bdi dir="auto" lang="en">
                    {problem.words}
                  </bdi>
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** Blobs and entries together: each has to be read again. */
function partDone({ done, total }: Audit): number {
  const all = total.blobs + total.entries
  return all === 0 ? 0 : (done.blobs + done.entries) / all
}

function BytesRead(props: { of: number }): ReactNode {
  if (props.of === 0) return null
  return (
    <span className="quiet">
      {' '}
      · <Bytes of={props.of} />
    </span>
  )
}

function Earlier(props: { of: readonly Audit[] }): ReactNode {
  const t = useTranslate()
  return (
    <Sheet title={t('audit.earlier')}>
      <ul className="stack">
        {props.of.map((one) => (
          <li key={one.id} className="row">
            <When at={one.startedAt} both />
            <Chip tone={TONES[one.state]}>{t(`audit.${one.state}`)}</Chip>
            {one.problemCount > 0 ? t('audit.problemCount', { count: one.problemCount }) : null}
          </li>
        ))}
      </ul>
    </Sheet>
  )
}

function Log(): ReactNode {
  const t = useTranslate()
  const log = useAnswer('GET /api/log', undefined, { everyMs: 10_000 })
  return (
    <Sheet title={t('front.log')}>
      <Reading of={log}>
        {(state) => (
          <Facts
            of={[
              [
                t('audit.origin'),
                <bdi key="o" className="mono">
                  {state.origin}
                </bdi>,
              ],
              [
                t('audit.verifierKey'),
                <bdi key="k" className="mono small">
                  {state.verifierKey}
                </bdi>,
              ],
              [t('audit.treeSize'), <Count key="s" of={state.treeSize} />],
              [
                t('audit.root'),
                <bdi key="r" className="mono small">
                  {state.root}
                </bdi>,
              ],
              [t('front.logSealed'), state.sealedAt ? <When key="a" at={state.sealedAt} both /> : null],
              [t('audit.waiting'), <Count key="w" of={state.waiting} />],
            ]}
          />
        )}
      </Reading>
    </Sheet>
  )
}
