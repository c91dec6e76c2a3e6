import { Fragment, type ReactNode, useState } from 'react'
import { Button } from 'react-aria-components'
import { useFormat } from '../language/format.ts'
import { useTranslate } from '../language/translate.ts'
import { Icon } from './icon.tsx'

/** A registration number: monospaced, isolated from the text around it, one press to copy. */
export function RegistrationNumber(props: { number: string; copies?: boolean }): ReactNode {
  const t = useTranslate()
  const [copied, setCopied] = useState(false)
  if (!props.copies) return <bdi className="number">{props.number}</bdi>
  const copy = (): void => {
    void navigator.clipboard.writeText(props.number).then(() => setCopied(true))
  }
  return (
    <span className="row">
      <bdi className="number">{props.number}</bdi>
      <Button
        className="button bare"
        onPress={copy}
        aria-label={t('action.copyNumber', { number: props.number })}
      >
        <Icon name={copied ? 'done' : 'copy'} />
      </Button>
      <span className="unseen" role="status">
        {copied ? t('action.copied') : ''}
      </span>
    </span>
  )
}

/** An instant in the reader's calendar, with the other calendar beside it or a glance away. */
export function When(props: { at: string | null; both?: boolean; time?: boolean }): ReactNode {
  const format = useFormat()
  if (!props.at) return null
  const said = props.time === false ? format.date(props.at) : format.dateTime(props.at)
  const other = format.otherDate(props.at)
  return (
    <time dateTime={props.at} title={other}>
      <bdi>{said}</bdi>
      {props.both ? (
        <span className="quiet small">
          {' '}
          · <bdi>{other}</bdi>
        </span>
      ) : null}
    </time>
  )
}

/** How an entry stands in the log: sealed at a position, or about to be. */
export function Sealed(props: { at: number | null }): ReactNode {
  const t = useTranslate()
  const format = useFormat()
  if (props.at === null) return <span className="chip">{t('value.notSealed')}</span>
  return <span className="chip lapis">{t('value.sealed', { number: format.number(props.at) })}</span>
}

export function Chip(props: {
  tone?: 'lapis' | 'asks' | 'failed' | undefined
  children: ReactNode
}): ReactNode {
  return <span className={`chip ${props.tone ?? ''}`}>{props.children}</span>
}

export function Bytes(props: { of: number | null }): ReactNode {
  const format = useFormat()
  return props.of === null ? null : <bdi>{format.bytes(props.of)}</bdi>
}

export function Count(props: { of: number }): ReactNode {
  const format = useFormat()
  return <bdi>{format.number(props.of)}</bdi>
}

/** A figure and what it counts. */
export function Figure(props: { label: ReactNode; value: ReactNode }): ReactNode {
  return (
    <div>
      <span className="figure">{props.value}</span>
      <span className="label">{props.label}</span>
    </div>
  )
}

/** A name as somebody wrote it: its own direction, whatever stands around it. */
export function Written(props: { children: string }): ReactNode {
  return <bdi dir="auto">{props.children}</bdi>
}

/**
 * A path as the provider had it: folders from left to right in every language, each name in its own direction, so
 * that a Persian folder never swaps places with the file in it. Empty where its item was erased.
 */
export function PathName(props: { of: string }): ReactNode {
  const t = useTranslate()
  if (props.of === '') return t('item.erasedName')
  const names = props.of.split('/')
  return (
    <bdi dir="ltr">
      {names.map((name, at) => (
        <Fragment key={`${at} ${name}`}>
          {at > 0 ? '/' : null}
          {at > 0 ? <wbr /> : null}
          <Written>{name}</Written>
        </Fragment>
      ))}
    </bdi>
  )
}

/** How far something is; `part` from 0 to 1. */
export function Progress(props: { label: string; part: number }): ReactNode {
  const percent = Math.round(Math.min(1, Math.max(0, props.part)) * 100)
  return (
    <div
      className="bar"
      role="progressbar"
      aria-label={props.label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <span style={{ inlineSize: `${percent}%` }} />
    </div>
  )
}
