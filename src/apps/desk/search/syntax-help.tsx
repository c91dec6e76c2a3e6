import type { ReactNode } from 'react'
import { type MessageId, useTranslate } from '../language/translate.ts'

const EXAMPLES: readonly (readonly [string, MessageId])[] = [
  ['checkpoint', 'search.word'],
  ['"court order"', 'search.phrase'],
  ['کابل OR Kabul', 'search.or'],
  ['Kabul NOT airport', 'search.not'],
  ['deten*', 'search.prefix'],
  ['Rahimi~', 'search.fuzzy'],
  ['type:pdf language:prs state:registered', 'search.field'],
  ['date:1402..1403  date:>=2023-08-15', 'search.date'],
]

/** How to ask, by example. */
export function SyntaxHelp(): ReactNode {
  const t = useTranslate()
  return (
    <details>
      <summary>{t('search.syntax')}</summary>
      <dl className="facts">
        {EXAMPLES.map(([example, meaning]) => (
          <div key={example}>
            <dt>
              <bdi className="mono" dir="ltr">
                {example}
              </bdi>
            </dt>
            <dd>{t(meaning)}</dd>
          </div>
        ))}
      </dl>
    </details>
  )
}
