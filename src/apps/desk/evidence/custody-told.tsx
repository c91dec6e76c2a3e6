import type { ReactNode } from 'react'
import { useFormat } from '../language/format.ts'
import { type MessageId, useTranslate, useWord } from '../language/translate.ts'
import { Written } from '../ui/values.tsx'

type Detail = Readonly<Record<string, unknown>>
type Line = readonly [label: string, value: string]

const COLLECTED: readonly (readonly [string, MessageId])[] = [
  ['collectedBy', 'collect.by'],
  ['collectedAt', 'collect.at'],
  ['place', 'collect.place'],
  ['how', 'collect.how'],
  ['tool', 'collect.tool'],
  ['toolVersion', 'collect.toolVersion'],
  ['priorHolders', 'collect.priorHolders'],
  ['note', 'field.note'],
]
const HANDED_OVER: readonly (readonly [string, MessageId])[] = [
  ['giver', 'custody.giver'],
  ['receiver', 'custody.receiver'],
  ['at', 'custody.at'],
  ['place', 'custody.place'],
  ['purpose', 'custody.purpose'],
  ['seal', 'custody.seal'],
]
const THING: readonly (readonly [string, MessageId])[] = [
  ['name', 'list.name'],
  ['condition', 'thing.condition'],
  ['seal', 'custody.seal'],
  ['barcode', 'thing.barcode'],
  ['location', 'thing.location'],
  ['custodian', 'thing.custodian'],
]

/** What an entry of the chain of custody says, from its kind and detail, in the reader's language. */
export function CustodyTold(props: { kind: string; detail: Detail }): ReactNode {
  const lines = useLines(props.kind, props.detail)
  if (lines.length === 0) return null
  return (
    <p>
      {lines.map(([label, value], at) => (
        <span key={label}>
          <span className="quiet">{label}:</span> <Written>{value}</Written>
          {at < lines.length - 1 ? ' · ' : ''}
        </span>
      ))}
    </p>
  )
}

function useLines(kind: string, detail: Detail): readonly Line[] {
  const t = useTranslate()
  const word = useWord()
  const format = useFormat()
  const comma = t('list.comma')
  const say = (value: unknown): string =>
    Array.isArray(value)
      ? value.map(String).join(comma)
      : typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value)
        ? format.dateTime(value)
        : ['string', 'number', 'boolean'].includes(typeof value)
          ? String(value)
          : ''
  const listed = (fields: readonly (readonly [string, MessageId])[], of: Detail): readonly Line[] =>
    fields.map(([name, label]) => [t(label), say(of[name])] as const).filter(([, value]) => value !== '')
  if (kind === 'evidence.item.collected') return listed(COLLECTED, detail)
  if (kind === 'evidence.item.handed_over') return listed(HANDED_OVER, within(detail, 'handover'))
  if (kind === 'evidence.item.received_physically') return listed(THING, detail)
  if (kind === 'evidence.item.registered') return [[t('item.number'), say(detail['registrationNumber'])]]
  if (kind === 'evidence.item.received')
    return detail['parent'] === undefined ? [] : [[t('custody.from'), t('custody.container')]]
  if (kind === 'evidence.item.read')
    return [
      [t('custody.outcome'), word('reading', say(detail['outcome']))],
      [t('custody.parts'), format.number(Number(detail['parts'] ?? 0))],
    ]
  if (kind === 'evidence.item.segments_joined')
    return [[t('custody.segments'), format.number(Number(detail['segments'] ?? 0))]]
  if (kind === 'evidence.item.quarantined')
    return [[t('quarantine.reason'), word('quarantineReason', say(detail['reason']))]]
  if (kind === 'evidence.item.classified') {
    const flags = Array.isArray(detail['flags']) ? detail['flags'].map((flag) => word('flag', say(flag))) : []
    const line: Line = [t('collection.classification'), word('class', say(detail['classification']))]
    return flags.length > 0 ? [line, [t('item.flags'), flags.join(comma)]] : [line]
  }
  if (kind === 'evidence.item.described')
    return Object.entries(within(detail, 'stated')).map(([name, value]) => [word('fact', name), say(value)])
  return []
}

function within(detail: Detail, name: string): Detail {
  const value = detail[name]
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Detail) : {}
}
