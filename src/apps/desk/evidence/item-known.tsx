import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useFormat } from '../language/format.ts'
import { useTranslate, useWord } from '../language/translate.ts'
import { Facts, Sheet } from '../ui/page.tsx'
import { Bytes, Chip, PathName, Sealed, When, Written } from '../ui/values.tsx'
import type { Item } from './item.ts'

/** What was found in the file beside what somebody said of it; never mixed, each with its source. */
export function ItemKnown(props: { of: Item }): ReactNode {
  const t = useTranslate()
  const { of } = props
  return (
    <div className="stack">
      <div className="sheets">
        <Sheet title={t('item.found')}>
          <p className="quiet small">{t('item.foundHint')}</p>
          {of.found.length === 0 ? <p className="quiet">{t('item.nothingFound')}</p> : null}
          <Said
            lines={of.found.map((one, at) => ({
              key: `${one.name} ${at}`,
              name: one.name,
              value: String(one.value),
              saidBy: one.saidBy,
            }))}
          />
        </Sheet>
        <Sheet title={t('item.asserted')}>
          <p className="quiet small">{t('item.assertedHint')}</p>
          {of.asserted.length === 0 ? <p className="quiet">{t('item.nothingAsserted')}</p> : null}
          <Said
            lines={of.asserted.map((one) => ({
              key: one.id,
              name: one.name,
              value: one.value,
              saidBy: one.saidBy,
              superseded: one.superseded,
            }))}
          />
        </Sheet>
      </div>
      <div className="sheets">
        <About of={of} />
        <Arrivals of={of} />
      </div>
    </div>
  )
}

interface Line {
  readonly key: string
  readonly name: string
  readonly value: string
  readonly saidBy: string
  readonly superseded?: boolean
}

function Said(props: { lines: readonly Line[] }): ReactNode {
  const t = useTranslate()
  const word = useWord()
  return (
    <dl className="facts">
      {props.lines.map((line) => (
        <div key={line.key}>
          <dt>
            <bdi title={line.name}>{word('fact', line.name)}</bdi>
          </dt>
          <dd>
            {line.superseded ? (
              <del>
                <Written>{line.value}</Written>
              </del>
            ) : (
              <Written>{line.value}</Written>
            )}
            <div className="quiet small">
              {t('item.saidBy')} <Written>{line.saidBy}</Written>
            </div>
          </dd>
        </div>
      ))}
    </dl>
  )
}

function About(props: { of: Item }): ReactNode {
  const t = useTranslate()
  const word = useWord()
  const { of } = props
  return (
    <Sheet title={t('item.about')}>
      <Facts
        of={[
          [t('item.path'), <PathName key="path" of={of.path} />],
          [t('item.type'), <TypeLine key="type" of={of} />],
          [t('item.size'), of.sizeBytes === null ? null : <SizeLine key="size" bytes={of.sizeBytes} />],
          [t('item.language'), of.language ? word('language', of.language) : null],
          [t('item.contentDate'), of.contentDate ? <DateLine key="date" of={of.contentDate} /> : null],
          [t('item.source'), of.source ? <SourceLine key="source" of={of.source} /> : null],
          [t('item.permission'), <PermissionLine key="permission" of={of.permission} />],
          ['SHA-256', of.digests.sha256 ? <Digest key="sha256" of={of.digests.sha256} /> : null],
          ['SHA-1', of.digests.sha1 ? <Digest key="sha1" of={of.digests.sha1} /> : null],
          ['MD5', of.digests.md5 ? <Digest key="md5" of={of.digests.md5} /> : null],
        ]}
      />
    </Sheet>
  )
}

function TypeLine(props: { of: Item }): ReactNode {
  const t = useTranslate()
  const word = useWord()
  return (
    <>
      {props.of.kind === 'physical' ? t('item.thing') : word('family', props.of.family)}{' '}
      <bdi className="quiet">{props.of.kind === 'physical' ? '' : props.of.mediaType}</bdi>
    </>
  )
}

function SizeLine(props: { bytes: number }): ReactNode {
  const t = useTranslate()
  return (
    <>
      <Bytes of={props.bytes} />{' '}
      <span className="quiet small">{t('item.exactBytes', { count: props.bytes })}</span>
    </>
  )
}

/** A date as it was written, and in both calendars. */
function DateLine(props: { of: NonNullable<Item['contentDate']> }): ReactNode {
  const format = useFormat()
  const { written, first, last } = props.of
  const said = (calendar: 'gregorian' | 'solar-hijri'): string =>
    [...new Set([first, last].filter((day) => day !== null).map((day) => format.day(day, calendar)))].join(
      ' – ',
    )
  return (
    <>
      <Written>{written}</Written>{' '}
      <span className="quiet small">
        <bdi>{said('gregorian')}</bdi> · <bdi>{said('solar-hijri')}</bdi>
      </span>
    </>
  )
}

function SourceLine(props: { of: NonNullable<Item['source']> }): ReactNode {
  return (
    <>
      <Link to={`/sources/${props.of.id}`}>
        <bdi className="mono">{props.of.code}</bdi>
      </Link>{' '}
      {props.of.provider ? <Written>{props.of.provider}</Written> : null}
    </>
  )
}

function PermissionLine(props: { of: Item['permission'] }): ReactNode {
  const word = useWord()
  const { status, terms } = props.of
  return (
    <>
      <Chip tone={status === 'given' ? undefined : 'asks'}>{word('permission', status)}</Chip>{' '}
      <Written>{terms ?? ''}</Written>
    </>
  )
}

function Digest(props: { of: string }): ReactNode {
  return <bdi className="mono small">{props.of}</bdi>
}

function Arrivals(props: { of: Item }): ReactNode {
  const t = useTranslate()
  const { of } = props
  return (
    <Sheet title={t('item.arrivals')}>
      <p className="row small">
        {t('item.receivedEntry')} <Sealed at={of.received.sealed} />
        {of.registered ? (
          <>
            {t('item.registeredEntry')} <Sealed at={of.registered.sealed} />
          </>
        ) : null}
      </p>
      <ul className="stack">
        {of.acquisitions.map((one) => (
          <li key={one.id}>
            <When at={one.receivedAt} both /> {one.first ? null : <Chip>{t('item.again')}</Chip>}
            <div className="quiet small">
              <PathName of={one.path} /> {one.source ? <bdi className="mono">{one.source.code}</bdi> : null}{' '}
              {one.batchId ? <Link to={`/intake/${one.batchId}`}>{t('item.batch')}</Link> : null}
            </div>
          </li>
        ))}
      </ul>
    </Sheet>
  )
}
