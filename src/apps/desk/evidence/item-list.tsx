import type { ReactNode } from 'react'
import { type Asked, useAnswer } from '../app/call.ts'
import { usePages } from '../app/pages.ts'
import { useTranslate, useWord } from '../language/translate.ts'
import { Choose, TextField } from '../ui/form.tsx'
import { Listing } from '../ui/listing.tsx'
import { Empty } from '../ui/states.tsx'
import { Count } from '../ui/values.tsx'
import { type Choosing, ItemTable } from './item-table.tsx'
import { CLASSES, FAMILY_WORDS, oneOf, SORTS, STATES } from './words.ts'

type ListQuery = NonNullable<NonNullable<Asked<'GET /api/items'>[0]>['query']>

/** A list's filter as its address keeps it: shareable, and there again after going back. */
export interface ItemFilter {
  readonly collection?: string | undefined
  readonly source?: string | undefined
  readonly name?: string | undefined
  readonly state?: (typeof STATES)[number] | undefined
  readonly family?: (typeof FAMILY_WORDS)[number] | undefined
  readonly classification?: (typeof CLASSES)[number] | undefined
  readonly sort?: (typeof SORTS)[number] | undefined
  readonly order?: 'asc' | 'desc' | undefined
}

export function readFilter(search: Record<string, unknown>): ItemFilter {
  return {
    name: typeof search['name'] === 'string' ? search['name'] : undefined,
    state: oneOf(STATES, search['state']) ?? undefined,
    family: oneOf(FAMILY_WORDS, search['family']) ?? undefined,
    classification: oneOf(CLASSES, search['classification']) ?? undefined,
    sort: oneOf(SORTS, search['sort']) ?? undefined,
    order: search['order'] === 'asc' ? 'asc' : search['order'] === 'desc' ? 'desc' : undefined,
  }
}

/** Narrows and orders a list; each change is at once in the address. */
export function ItemFilters(props: {
  filter: ItemFilter
  change: (next: ItemFilter) => void
  states?: boolean
}): ReactNode {
  const t = useTranslate()
  const word = useWord()
  const { filter, change } = props
  const any = ['', t('filter.any')] as const
  return (
    <search className="row bottom">
      <div className="grow">
        <TextField
          label={t('filter.name')}
          type="search"
          defaultValue={filter.name ?? ''}
          onKeyDown={(event) => {
            if (event.key === 'Enter')
              change({ ...filter, name: event.currentTarget.value.trim() || undefined })
          }}
          onBlur={({ target }) => {
            const name = target.value.trim() || undefined
            if (name !== filter.name) change({ ...filter, name })
          }}
        />
      </div>
      {props.states === false ? null : (
        <Choose
          label={t('list.state')}
          value={filter.state ?? ''}
          onChange={({ target }) => change({ ...filter, state: oneOf(STATES, target.value) ?? undefined })}
          options={[any, ...STATES.map((one) => [one, word('state', one)] as const)]}
        />
      )}
      <Choose
        label={t('item.type')}
        value={filter.family ?? ''}
        onChange={({ target }) =>
          change({ ...filter, family: oneOf(FAMILY_WORDS, target.value) ?? undefined })
        }
        options={[any, ...FAMILY_WORDS.map((one) => [one, word('family', one)] as const)]}
      />
      <Choose
        label={t('collection.classification')}
        value={filter.classification ?? ''}
        onChange={({ target }) =>
          change({ ...filter, classification: oneOf(CLASSES, target.value) ?? undefined })
        }
        options={[any, ...CLASSES.map((one) => [one, word('class', one)] as const)]}
      />
      <Choose
        label={t('list.sort')}
        value={filter.sort ?? 'received'}
        onChange={({ target }) => change({ ...filter, sort: oneOf(SORTS, target.value) ?? undefined })}
        options={SORTS.map((one) => [one, word('sort', one)])}
      />
      <Choose
        label={t('list.order')}
        value={filter.order ?? 'desc'}
        onChange={({ target }) => change({ ...filter, order: target.value === 'asc' ? 'asc' : 'desc' })}
        options={[
          ['desc', t('order.desc')],
          ['asc', t('order.asc')],
        ]}
      />
    </search>
  )
}

function asQuery(filter: ItemFilter): ListQuery {
  return {
    collection: filter.collection,
    source: filter.source,
    name: filter.name,
    state: filter.state,
    family: filter.family,
    classification: filter.classification,
    sort: filter.sort ?? 'received',
    order: filter.order ?? 'desc',
    limit: 50,
  }
}

export function ItemList(props: { filter: ItemFilter; choosing?: Choosing; empty?: ReactNode }): ReactNode {
  const t = useTranslate()
  const query = asQuery(props.filter)
  const items = usePages('GET /api/items', { query })
  const count = useAnswer('GET /api/items/count', {
    query: { ...query, sort: undefined, order: undefined, limit: undefined } as never,
  })
  return (
    <>
      <p className="quiet small" role="status">
        {count.data ? (
          <>
            {count.data.exact ? '' : '≥ '}
            <Count of={count.data.count} /> {t('list.items', { count: count.data.count })}
          </>
        ) : null}
      </p>
      <Listing
        of={items}
        rows={(page) => page.items}
        empty={props.empty ?? <Empty title={t('items.none')} hint={t('items.noneHint')} />}
      >
        {(rows) => <ItemTable rows={rows} {...(props.choosing ? { choosing: props.choosing } : {})} />}
      </Listing>
    </>
  )
}
