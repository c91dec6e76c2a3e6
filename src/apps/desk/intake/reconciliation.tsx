import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useAnswer } from '../app/call.ts'
import { useTranslate } from '../language/translate.ts'
import { Sheet } from '../ui/page.tsx'
import { Reading } from '../ui/states.tsx'
import { Some } from '../ui/some.tsx'
import { Count, Figure, PathName } from '../ui/values.tsx'

/** What the provider's list says against what arrived. */
export function Reconciliation(props: { batchId: string }): ReactNode {
  const t = useTranslate()
  const read = useAnswer('GET /api/batches/:id/reconciliation', { params: { id: props.batchId } })
  return (
    <Reading of={read}>
      {({ counts, mismatch, missing, extra, problems, columns, cut }) => (
        <>
          <div className="figures">
            <Figure label={t('manifest.rows')} value={<Count of={counts.rows} />} />
            <Figure label={t('manifest.matched')} value={<Count of={counts.matched} />} />
            <Figure label={t('manifest.unhashed')} value={<Count of={counts.unhashed} />} />
            <Figure label={t('manifest.mismatch')} value={<Count of={counts.mismatch} />} />
            <Figure label={t('manifest.missing')} value={<Count of={counts.missing} />} />
            <Figure label={t('manifest.extra')} value={<Count of={counts.extra} />} />
          </div>
          <PathList
            title={t('manifest.mismatch')}
            lines={mismatch.map((one) => ({
              path: one.path,
              itemId: one.itemId,
              note: `${one.algorithm}: ${one.stated} ≠ ${one.computed}`,
            }))}
          />
          <PathList
            title={t('manifest.missing')}
            lines={missing.map((one) => ({
              path: one.path,
              itemId: null,
              note: t('manifest.row', { row: one.row }),
            }))}
          />
          <PathList
            title={t('manifest.extra')}
            lines={extra.map((one) => ({ path: one.path, itemId: one.itemId, note: '' }))}
          />
          <PathList
            title={t('manifest.problems')}
            lines={problems.map((one) => ({
              path: one.words,
              itemId: null,
              note: t('manifest.row', { row: one.row }),
            }))}
          />
          <PathList
            title={t('manifest.columns')}
            lines={columns.map((one) => ({ path: one.header, itemId: null, note: one.meaning }))}
          />
          {cut ? <p className="quiet">{t('receipt.cut')}</p> : null}
        </>
      )}
    </Reading>
  )
}

interface Line {
  readonly path: string
  readonly itemId: string | null
  readonly note: string
}

function PathList(props: { title: string; lines: readonly Line[] }): ReactNode {
  if (props.lines.length === 0) return null
  return (
    <Sheet title={props.title}>
      <Some of={props.lines}>
        {(lines) => (
          <ul className="stack">
            {lines.map((line) => (
              <li key={`${line.path} ${line.note}`}>
                {line.itemId ? (
                  <Link to={`/items/${line.itemId}`}>
                    <PathName of={line.path} />
                  </Link>
                ) : (
                  <PathName of={line.path} />
                )}
                {line.note ? (
                  <div className="quiet small">
                    <bdi>{line.note}</bdi>
                  </div>
                ) : null}
              </li>
            ))}
          </ul>
        )}
      </Some>
    </Sheet>
  )
}
