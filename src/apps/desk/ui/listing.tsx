import type { ReactNode } from 'react'
import { Button } from 'react-aria-components'
import type { Pages } from '../app/pages.ts'
import { useTranslate } from '../language/translate.ts'
import { Failure, Loading } from './states.tsx'

/** A list that comes page by page: loading, failed, empty, or its content and the way to the next page. */
export function Listing<Page, Row>(props: {
  of: Pages<Page>
  rows: (page: Page) => readonly Row[]
  empty: ReactNode
  children: (rows: readonly Row[]) => ReactNode
}): ReactNode {
  const t = useTranslate()
  const { of } = props
  const rows = of.pages.flatMap(props.rows)
  if (of.isPending) return <Loading />
  if (rows.length === 0) return of.error ? <Failure error={of.error} retry={of.refetch} /> : props.empty
  return (
    <>
      {props.children(rows)}
      <Failure error={of.error} retry={of.refetch} />
      <div className="row">
        <span className="quiet small" role="status">
          {t(of.more ? 'list.shownMore' : 'list.shown', { count: rows.length })}
        </span>
        {of.more ? (
          <Button className="button" onPress={of.more} isDisabled={of.loadingMore}>
            {of.loadingMore ? t('state.loading') : t('list.more')}
          </Button>
        ) : null}
      </div>
    </>
  )
}
