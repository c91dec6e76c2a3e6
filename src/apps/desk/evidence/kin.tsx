import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { usePages } from '../app/pages.ts'
import { useTranslate } from '../language/translate.ts'
import { Listing } from '../ui/listing.tsx'
import { Sheet } from '../ui/page.tsx'
import { Empty } from '../ui/states.tsx'
import { Written } from '../ui/values.tsx'
import type { Item } from './item.ts'
import { ItemTable } from './item-table.tsx'

/** Where an item came out of, what came out of it, and where the same bytes are held again. */
export function Kin(props: { of: Item }): ReactNode {
  const t = useTranslate()
  const { id, parents, duplicates } = props.of
  const children = usePages('GET /api/items/:id/children', { params: { id }, query: { limit: 50 } })
  return (
    <div className="stack">
      {parents.length > 0 ? <Names title={t('kin.parents')} of={parents} /> : null}
      {duplicates.length > 0 ? <Names title={t('kin.duplicates')} of={duplicates} /> : null}
      <h2>{t('kin.children')}</h2>
      <Listing
        of={children}
        rows={(page) => page.items}
        empty={<Empty title={t('kin.none')} hint={t('kin.noneHint')} />}
      >
        {(rows) => <ItemTable rows={rows} />}
      </Listing>
    </div>
  )
}

function Names(props: { title: string; of: readonly { id: string; name: string }[] }): ReactNode {
  const t = useTranslate()
  return (
    <Sheet title={props.title}>
      <ul>
        {props.of.map(({ id, name }) => (
          <li key={id}>
            <Link to={`/items/${id}`}>
              {name.trim() === '' ? t('item.erasedName') : <Written>{name}</Written>}
            </Link>
          </li>
        ))}
      </ul>
    </Sheet>
  )
}
