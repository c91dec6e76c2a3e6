import { Button } from 'react-aria-components'
import type { ReactNode } from 'react'
import type { UseQueryResult } from '@tanstack/react-query'
import { CallFailed } from '../app/call.ts'
import { type MessageId, useTranslate, useWord } from '../language/translate.ts'

/** Shows a reading once it is there; until then that it loads, and where it failed what to do. */
export function Reading<T>(props: { of: UseQueryResult<T>; children: (value: T) => ReactNode }): ReactNode {
  const { data, error, isPending, refetch } = props.of
  if (data !== undefined) return props.children(data)
  if (isPending) return <Loading />
  return <Failure error={error} retry={() => void refetch()} />
}

export function Loading(): ReactNode {
  const t = useTranslate()
  return (
    <p className="loading" role="status">
      {t('state.loading')}
    </p>
  )
}

/** A refusal or a fault, in words: what happened, what was kept, what to do next. */
export function Failure(props: { error: unknown; retry?: () => void }): ReactNode {
  const t = useTranslate()
  const word = useWord()
  const { error } = props
  if (!error) return null
  const known = error instanceof CallFailed ? error : null
  const heading = headingOf(known)
  const said = known ? word('refusal', known.code) : ''
  const words = known?.detail || (known ? '' : String(error instanceof Error ? error.message : error))
  return (
    <div className="notice asks" role="alert">
      <h2>{t(heading)}</h2>
      {known ? <p>{said}</p> : null}
      {words ? (
        <p className="small">
          <bdi dir="auto" {...(known ? { lang: 'en' } : {})}>
            {words}
          </bdi>
        </p>
      ) : null}
      {known?.faultId && known.status >= 500 ? (
        <p className="small">
          {t('state.quote')} <bdi className="mono">{known.faultId}</bdi>
        </p>
      ) : null}
      {props.retry ? (
        <Button className="button" onPress={props.retry}>
          {t('action.again')}
        </Button>
      ) : null}
    </div>
  )
}

function headingOf(failed: CallFailed | null): MessageId {
  if (!failed || failed.status >= 500) return 'state.fault'
  if (failed.status === 0) return 'state.unreachable'
  if (failed.status === 404) return 'state.notFound'
  if (failed.status === 403) return 'state.notPermitted'
  if (failed.code === 'two_people_needed') return 'state.twoPeople'
  return 'state.refused'
}

/** An empty list teaches the next step. */
export function Empty(props: { title: string; hint: string; children?: ReactNode }): ReactNode {
  return (
    <div className="empty">
      <h2>{props.title}</h2>
      <p className="quiet">{props.hint}</p>
      {props.children}
    </div>
  )
}

export function Notice(props: { tone?: 'asks' | 'failed'; title?: string; children?: ReactNode }): ReactNode {
  return (
    <div className={`notice ${props.tone ?? ''}`} role="status">
      {props.title ? <h2>{props.title}</h2> : null}
      {props.children}
    </div>
  )
}
