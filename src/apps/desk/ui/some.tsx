import { type ReactNode, useState } from 'react'
import { Button } from 'react-aria-components'
import { useTranslate } from '../language/translate.ts'

const STEP = 200

/** The first of many rows that came at once, and the way to more of them: no page draws ten thousand rows. */
export function Some<Row>(props: {
  of: readonly Row[]
  children: (rows: readonly Row[]) => ReactNode
}): ReactNode {
  const t = useTranslate()
  const [shown, setShown] = useState(STEP)
  const { of, children } = props
  if (of.length <= STEP) return children(of)
  return (
    <>
      {children(of.slice(0, shown))}
      <div className="row">
        <span className="quiet small" role="status">
          {t('list.shownOf', { shown: Math.min(shown, of.length), all: of.length })}
        </span>
        {shown < of.length ? (
          <Button className="button" onPress={() => setShown(shown + STEP)}>
            {t('list.more')}
          </Button>
        ) : null}
      </div>
    </>
  )
}
