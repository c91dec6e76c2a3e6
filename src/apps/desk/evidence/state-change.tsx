import type { ReactNode } from 'react'
import type { Said } from '../app/call.ts'
import { useTranslate, useWord } from '../language/translate.ts'
import { Notice } from '../ui/states.tsx'
import { RegistrationNumber } from '../ui/values.tsx'

export type StateChange = Said<'POST /api/items/register'>

/** What a change of many did: what was changed with its numbers, what was refused with its reason. */
export function StateChangeNotice(props: { of: StateChange | null }): ReactNode {
  const t = useTranslate()
  const word = useWord()
  if (!props.of) return null
  const { changed, refused } = props.of
  const numbers = changed.map((one) => one.registrationNumber).filter((number) => number !== null)
  return (
    <Notice
      {...(refused.length > 0 ? { tone: 'asks' as const } : {})}
      title={t('change.done', { changed: changed.length, refused: refused.length })}
    >
      {numbers.length > 0 ? (
        <p className="row">
          {numbers.slice(0, 12).map((number) => (
            <RegistrationNumber key={number} number={number} />
          ))}
          {numbers.length > 12 ? t('change.andMore', { count: numbers.length - 12 }) : null}
        </p>
      ) : null}
      <ul>
        {refused.slice(0, 20).map((one) => (
          <li key={one.id}>
            {word('refusal', one.code)}{' '}
            <bdi className="quiet small" dir="auto" lang="en">
              {one.words}
            </bdi>
          </li>
        ))}
      </ul>
    </Notice>
  )
}
