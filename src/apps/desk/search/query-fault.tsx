import type { ReactNode } from 'react'
import type { CallFailed } from '../app/call.ts'
import { useTranslate } from '../language/translate.ts'

/** What is wrong with a query, shown at its place. */
export function QueryFaultNotice(props: { query: string; failed: CallFailed }): ReactNode {
  const t = useTranslate()
  const { query, failed } = props
  const at = wholeNumber(failed.facts['at'])
  const length = Math.max(1, wholeNumber(failed.facts['length']))
  const suggestion = failed.facts['suggestion']
  return (
    <div className="notice asks" role="alert">
      <h2>{t('search.wrong')}</h2>
      <p className="syntax" dir="auto">
        {query.slice(0, at)}
        <span className="wrong">{query.slice(at, at + length) || ' '}</span>
        {query.slice(at + length)}
      </p>
      <p>
        {t('search.wrongAt', { at: at + 1 })}: <span lang="en">{failed.detail}</span>
      </p>
      {typeof suggestion === 'string' && !failed.detail.includes(suggestion) ? (
        <p lang="en">{suggestion}</p>
      ) : null}
    </div>
  )
}

function wholeNumber(value: unknown): number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : 0
}
