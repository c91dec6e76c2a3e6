import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { Said } from '../app/call.ts'
import { useTranslate, useWord } from '../language/translate.ts'
import { Bytes, Chip, RegistrationNumber, When, Written } from '../ui/values.tsx'

export type ItemRow = Said<'GET /api/items'>['items'][number]

/** Which of several rows are chosen; none where choosing is not offered. */
export interface Choosing {
  readonly chosen: ReadonlySet<string>
  readonly change: (chosen: ReadonlySet<string>) => void
}

/** Items in lines; the name opens the item. */
export function ItemTable<Row extends ItemRow>(props: {
  rows: readonly Row[]
  choosing?: Choosing
  extra?: { heading: string; cell: (row: Row) => ReactNode }
}): ReactNode {
  const t = useTranslate()
  const { rows, choosing, extra } = props
  return (
    <div className="table">
      <table>
        <thead>
          <tr>
            {choosing ? (
              <th>
                <ChooseAll rows={rows} choosing={choosing} />
              </th>
            ) : null}
            <th>{t('item.number')}</th>
            <th>{t('list.name')}</th>
            <th>{t('item.type')}</th>
            <th className="numbers">{t('item.size')}</th>
            <th>{t('list.state')}</th>
            {extra ? <th>{extra.heading}</th> : null}
            <th>{t('item.received')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              {choosing ? (
                <td>
                  <ChooseOne row={row} choosing={choosing} />
                </td>
              ) : null}
              <td>
                {row.registrationNumber ? <RegistrationNumber number={row.registrationNumber} /> : null}
              </td>
              <td className="name">
                <Link to={`/items/${row.id}`}>
                  {row.name === '' ? t('item.erasedName') : <Written>{row.name}</Written>}
                </Link>
                <Marks of={row} />
              </td>
              <td>
                <TypeOf row={row} />
              </td>
              <td className="numbers">
                <Bytes of={row.sizeBytes} />
              </td>
              <td>
                <StateChip state={row.state} />
              </td>
              {extra ? <td>{extra.cell(row)}</td> : null}
              <td>
                <When at={row.receivedAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function TypeOf(props: { row: ItemRow }): ReactNode {
  const t = useTranslate()
  const word = useWord()
  if (props.row.kind === 'physical') return t('item.thing')
  if (props.row.state === 'disposed') return null
  return (
    <>
      {word('family', props.row.family)} <bdi className="quiet small">{props.row.format}</bdi>
    </>
  )
}

function Marks(props: { of: ItemRow }): ReactNode {
  const t = useTranslate()
  const word = useWord()
  const { flags, legalHold, reading, childCount } = props.of
  return (
    <span className="row small">
      {legalHold ? <Chip tone="asks">{t('item.hold')}</Chip> : null}
      {flags.map((flag) => (
        <Chip key={flag} tone="asks">
          {word('flag', flag)}
        </Chip>
      ))}
      {reading === 'partly' || reading === 'unread' ? (
        <Chip tone="asks">{word('reading', reading)}</Chip>
      ) : null}
      {childCount > 0 ? <span className="quiet">{t('item.parts', { count: childCount })}</span> : null}
    </span>
  )
}

export function StateChip(props: { state: ItemRow['state'] }): ReactNode {
  const word = useWord()
  return <Chip tone={props.state === 'quarantined' ? 'asks' : undefined}>{word('state', props.state)}</Chip>
}

function ChooseAll(props: { rows: readonly ItemRow[]; choosing: Choosing }): ReactNode {
  const t = useTranslate()
  const { chosen, change } = props.choosing
  const all = props.rows.every(({ id }) => chosen.has(id))
  return (
    <input
      type="checkbox"
      aria-label={t('list.chooseAll')}
      checked={all}
      onChange={() => change(new Set(all ? [] : props.rows.map(({ id }) => id)))}
    />
  )
}

function ChooseOne(props: { row: ItemRow; choosing: Choosing }): ReactNode {
  const t = useTranslate()
  const { chosen, change } = props.choosing
  const { id, name } = props.row
  const toggle = (): void => {
    const next = new Set(chosen)
    if (!next.delete(id)) next.add(id)
    change(next)
  }
  return (
    <input
      type="checkbox"
      aria-label={t('list.choose', { name })}
      checked={chosen.has(id)}
      onChange={toggle}
    />
  )
}
