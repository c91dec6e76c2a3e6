import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { addressOf, type Said, useAnswer } from '../app/call.ts'
import { useTranslate, useWord } from '../language/translate.ts'
import { Sheet } from '../ui/page.tsx'
import { Notice, Reading } from '../ui/states.tsx'
import { Some } from '../ui/some.tsx'
import { PathName, When, Written } from '../ui/values.tsx'

type ReceiptSaid = Said<'GET /api/batches/:id/receipt'>
type Line = ReceiptSaid['failed'][number]

/** What was taken, already held, quarantined, not read and failed; every such file with step and reason. */
export function Receipt(props: { batchId: string }): ReactNode {
  const t = useTranslate()
  const params = { id: props.batchId }
  const receipt = useAnswer('GET /api/batches/:id/receipt', { params })
  return (
    <Reading of={receipt}>
      {(said) => (
        <>
          {said.finishedAt ? (
            <p>
              {t('receipt.finished')} <When at={said.finishedAt} both />
            </p>
          ) : (
            <Notice>
              <p>{t('receipt.running')}</p>
            </Notice>
          )}
          <p>
            {t('receipt.counts', {
              taken: said.counts.taken,
              held: said.counts.alreadyHeld,
              quarantined: said.counts.quarantined,
              failed: said.counts.failed,
            })}
          </p>
          <div className="row">
            {(['txt', 'csv', 'json'] as const).map((format) => (
              <a
                key={format}
                className="button"
                href={addressOf('GET /api/batches/:id/receipt/export', { params, query: { format } })}
                download
              >
                {format.toUpperCase()}
              </a>
            ))}
          </div>
          <Lines title={t('receipt.failed')} lines={said.failed} />
          <Lines title={t('receipt.quarantined')} lines={said.quarantined} />
          <Lines title={t('receipt.unread')} lines={said.unread} />
          <Held of={said} />
          {said.cut ? <p className="quiet">{t('receipt.cut')}</p> : null}
        </>
      )}
    </Reading>
  )
}

function Lines(props: { title: string; lines: readonly Line[] }): ReactNode {
  const t = useTranslate()
  const word = useWord()
  if (props.lines.length === 0) return null
  return (
    <Sheet title={props.title}>
      <Some of={props.lines}>
        {(lines) => (
          <ul className="stack">
            {lines.map((line) => (
              <li key={`${line.path} ${line.fileId ?? line.itemId ?? ''}`}>
                {line.itemId ? (
                  <Link to={`/items/${line.itemId}`}>
                    <PathName of={line.path} />
                  </Link>
                ) : (
                  <PathName of={line.path} />
                )}
                <div className="small">
                  {word('step', line.step)}: <Written>{line.reason}</Written>
                </div>
                <div className="quiet small">
                  {t(line.kept ? 'receipt.kept' : 'receipt.notKept')}{' '}
                  {line.retryable ? t('item.retryable') : null}
                </div>
              </li>
            ))}
          </ul>
        )}
      </Some>
    </Sheet>
  )
}

function Held(props: { of: ReceiptSaid }): ReactNode {
  const t = useTranslate()
  if (props.of.alreadyHeld.length === 0) return null
  return (
    <Sheet title={t('receipt.held')}>
      <Some of={props.of.alreadyHeld}>
        {(held) => (
          <ul>
            {held.map((one) => (
              <li key={`${one.path} ${one.itemId}`}>
                <Link to={`/items/${one.itemId}`}>
                  <PathName of={one.path} />
                </Link>
              </li>
            ))}
          </ul>
        )}
      </Some>
    </Sheet>
  )
}
