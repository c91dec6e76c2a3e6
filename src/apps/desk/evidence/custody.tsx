import type { ReactNode } from 'react'
import { addressOf, call, queries, type Said, useAnswer } from '../app/call.ts'
import { useMay } from '../app/session.ts'
import { useTranslate, useWord } from '../language/translate.ts'
import { FormDialog, LongField, TextField } from '../ui/form.tsx'
import { Reading } from '../ui/states.tsx'
import { Sealed, When, Written } from '../ui/values.tsx'
import { CustodyTold } from './custody-told.tsx'

/** The entry that orders an erasure. */
export const ERASED_KIND = 'integrity.item.erased'

/** The chain of custody, oldest first, as a person reads it; exportable. */
export function Custody(props: { id: string; erased?: boolean }): ReactNode {
  const t = useTranslate()
  const word = useWord()
  const may = useMay()
  const params = { id: props.id }
  const custody = useAnswer('GET /api/items/:id/custody', { params })
  return (
    <div className="stack">
      <div className="row">
        {may('item.describe') && !props.erased ? <Handover id={props.id} /> : null}
        {(['html', 'csv', 'json'] as const).map((format) => (
          <a
            key={format}
            className="button"
            href={addressOf('GET /api/items/:id/custody/export', { params, query: { format } })}
            download
          >
            {t(`custody.${format}`)}
          </a>
        ))}
      </div>
      <Reading of={custody}>
        {({ events }) => (
          <ol className="timeline sheet">
            {events.map((event) => (
              <li key={event.id}>
                <div>
                  <When at={event.at} both />
                  <div className="small">
                    <Sealed at={event.sealed} />
                  </div>
                </div>
                <div>
                  <strong>{word('custody', event.kind)}</strong>
                  {gone(event) ? null : (
                    <>
                      {' · '}
                      <Written>{event.who}</Written>
                    </>
                  )}
                  {gone(event) ? <p className="quiet">{t('custody.entryErased')}</p> : null}
                  <CustodyTold kind={event.kind} detail={event.detail} />
                  {word('custody', event.kind) === event.kind ? (
                    <p>
                      <bdi dir="auto" lang="en">
                        {event.words}
                      </bdi>
                    </p>
                  ) : null}
                  <Detail of={event.detail} />
                  {event.why ? (
                    <p className="quiet">
                      {t('custody.why')} <Written>{event.why}</Written>
                    </p>
                  ) : null}
                </div>
              </li>
            ))}
          </ol>
        )}
      </Reading>
    </div>
  )
}

type Event = Said<'GET /api/items/:id/custody'>['events'][number]

/** An entry whose content was erased with its item says no more than that it was there. */
function gone(event: Event): boolean {
  return event.kind !== ERASED_KIND && event.who === 'erased' && Object.keys(event.detail).length === 0
}

function Detail(props: { of: Readonly<Record<string, unknown>> }): ReactNode {
  const t = useTranslate()
  const plain = Object.entries(props.of).filter(
    ([, value]) => ['string', 'number', 'boolean'].includes(typeof value) && value !== '',
  )
  if (plain.length === 0) return null
  return (
    <details className="small">
      <summary>{t('custody.detail')}</summary>
      <dl className="facts">
        {plain.map(([name, value]) => (
          <div key={name}>
            <dt>
              <bdi>{name}</bdi>
            </dt>
            <dd>
              <Written>{String(value)}</Written>
            </dd>
          </div>
        ))}
      </dl>
    </details>
  )
}

function Handover(props: { id: string }): ReactNode {
  const t = useTranslate()
  return (
    <FormDialog
      button={t('custody.handover')}
      title={t('custody.handover')}
      submit={t('custody.handoverSubmit')}
      act={async (sent) => {
        await call('POST /api/items/:id/handovers', {
          params: { id: props.id },
          body: {
            giver: sent.text('giver'),
            receiver: sent.text('receiver'),
            at: new Date(sent.text('at')).toISOString(),
            place: sent.text('place'),
            purpose: sent.text('purpose'),
            seal: sent.text('seal'),
          },
        })
        await queries.invalidateQueries()
      }}
    >
      <TextField label={t('custody.giver')} name="giver" required maxLength={300} />
      <TextField label={t('custody.receiver')} name="receiver" required maxLength={300} />
      <TextField label={t('custody.at')} name="at" type="datetime-local" required />
      <TextField label={t('custody.place')} name="place" maxLength={500} />
      <TextField label={t('custody.seal')} name="seal" maxLength={200} />
      <LongField label={t('custody.purpose')} name="purpose" maxLength={1000} />
    </FormDialog>
  )
}
