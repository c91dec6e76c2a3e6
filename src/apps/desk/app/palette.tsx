import { useNavigate } from '@tanstack/react-router'
import { type KeyboardEvent, type ReactNode, useState } from 'react'
import { useTranslate } from '../language/translate.ts'
import { Overlay } from '../ui/form.tsx'
import { openPages } from './areas.ts'
import { call, useAnswer } from './call.ts'
import { ask } from '../search/asked.ts'
import { useMay } from './session.ts'

interface Place {
  readonly key: string
  readonly label: string
  readonly kind: string
  readonly go: () => Promise<void> | void
}

/** Reaches everything by its name: areas, collections, an item by its number, a search by its words. */
export function Palette(props: { close: () => void }): ReactNode {
  const t = useTranslate()
  const [typed, setTyped] = useState('')
  const [at, setAt] = useState(0)
  const [missing, setMissing] = useState(false)
  const places = usePlaces(typed.trim(), () => setMissing(true))
  const choose = async (place: Place | undefined): Promise<void> => {
    if (!place) return
    setMissing(false)
    await place.go()
    if (place.kind !== t('palette.number')) props.close()
  }
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      const step = event.key === 'ArrowDown' ? 1 : -1
      setAt((at + step + places.length) % Math.max(1, places.length))
    } else if (event.key === 'Enter') {
      event.preventDefault()
      void choose(places[at])
    }
  }
  return (
    <Overlay open title={t('shell.goTo')} close={props.close}>
      <div className="palette">
        <input
          className="entry"
          role="combobox"
          aria-label={t('palette.label')}
          aria-expanded="true"
          aria-controls="palette-places"
          aria-activedescendant={places[at] ? `palette-${at}` : undefined}
          dir="auto"
          autoFocus
          value={typed}
          placeholder={t('palette.hint')}
          onChange={(event) => {
            setTyped(event.target.value)
            setAt(0)
            setMissing(false)
          }}
          onKeyDown={onKey}
        />
        <ul id="palette-places" role="listbox" aria-label={t('shell.goTo')}>
          {places.map((place, index) => (
            <li
              key={place.key}
              id={`palette-${index}`}
              role="option"
              aria-selected={index === at}
              onClick={() => void choose(place)}
            >
              <bdi dir="auto">{place.label}</bdi>
              <span className="quiet small">{place.kind}</span>
            </li>
          ))}
        </ul>
        <p role="status">{missing ? t('palette.noNumber') : ''}</p>
      </div>
    </Overlay>
  )
}

function usePlaces(typed: string, numberMissing: () => void): readonly Place[] {
  const t = useTranslate()
  const navigate = useNavigate()
  const may = useMay()
  const collections = useAnswer(
    'GET /api/collections',
    { query: { limit: 200 } },
    { enabled: may('item.list') },
  )
  const wanted = typed.toLocaleLowerCase()
  const fits = (label: string): boolean => label.toLocaleLowerCase().includes(wanted)
  const places: Place[] = []
  if (typed && may('search.run'))
    places.push({
      key: 'search',
      label: typed,
      kind: t('area.search'),
      go: () => {
        ask(typed)
        return navigate({ to: '/search' })
      },
    })
  if (/\d/.test(typed) && may('item.list'))
    places.push({
      key: 'number',
      label: typed,
      kind: t('palette.number'),
      go: async () => {
        const row = await call('GET /api/items/by-number', { query: { number: typed } }).catch(() => null)
        if (row) await navigate({ to: `/items/${row.id}` })
        else numberMissing()
      },
    })
  for (const area of openPages(may))
    if (fits(t(area.label)))
      places.unshift({
        key: area.to,
        label: t(area.label),
        kind: t('palette.area'),
        go: () => navigate({ to: area.to }),
      })
  for (const { id, name } of collections.data?.collections ?? [])
    if (fits(name))
      places.push({
        key: id,
        label: name,
        kind: t('palette.collection'),
        go: () => navigate({ to: `/collections/${id}` }),
      })
  return places.slice(0, 30)
}
