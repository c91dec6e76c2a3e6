import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useFormat } from '../language/format.ts'
import { useTranslate, useWord } from '../language/translate.ts'
import { Facts, Sheet } from '../ui/page.tsx'
import { Bytes, Chip, Sealed, When, Written } from '../ui/values.tsx'
import type { Item } from './item-page.tsx'

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
  return (
    <dl className="facts">
      {props.lines.map((line) => (
        <div key={line.key}>
          <dt>
            <bdi>{line.name}</bdi>
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
  const format = useFormat()
  const { of } = props
  const date = of.contentDate
  return (
    <Sheet title={t('item.about')}>
      <Facts
        of={[
          [t('item.path'), <Written key="p">{of.path}</Written>],
          [
            t('item.type'),
            <span key="t">
              {word('family', of.family)} <bdi className="quiet">{of.mediaType}</bdi>
            </span>,
          ],
          [
            t('item.size'),
            of.sizeBytes === null ? null : (
              <span key="s">
                <Bytes of={of.sizeBytes} /> <bdi className="quiet small">({format.number(of.sizeBytes)})</bdi>
              </span>
            ),
          ],
          [t('item.language'), of.language ? word('language', of.language) : null],
          [
            t('item.contentDate'),
            date ? (
              <span key="d">
                <Written>{date.written}</Written>{' '}
                <span className="quiet small">
                  {date.first
                    ? `${format.day(date.first, 'gregorian')} · ${format.day(date.first, 'solar-hijri')}`
                    : ''}
                </span>
              </span>
            ) : null,
          ],
          [
            t('item.source'),
            of.source ? (
              <span key="o">
                <bdi className="mono">{of.source.code}</bdi>{' '}
                {of.source.provider ? <Written>{of.source.provider}</Written> : null}
              </span>
            ) : null,
          ],
          [
            t('item.permission'),
            <span key="m">
              <Chip tone={of.permission.status === 'given' ? undefined : 'asks'}>
                {word('permission', of.permission.status)}
              </Chip>{' '}
              <Written>{of.permission.terms ?? ''}</Written>
            </span>,
          ],
          [
            'SHA-256',
            of.digests.sha256 ? (
              <bdi key="h" className="mono small">
                {of.digests.sha256}
              </bdi>
            ) : null,
          ],
          [
            'SHA-1',
            of.digests.sha1 ? (
              <bdi key="h1" className="mono small">
                {of.digests.sha1}
              </bdi>
            ) : null,
          ],
          [
            'MD5',
            of.digests.md5 ? (
              <bdi key="h5" className="mono small">
                {of.digests.md5}
              </bdi>
            ) : null,
          ],
        ]}
      />
    </Sheet>
  )
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
              <Written>{one.path}</Written>{' '}
              {one.source ? <bdi className="mono">{one.source.code}</bdi> : null}{' '}
              {one.batchId ? <Link to={`/intake/${one.batchId}`}>{t('item.batch')}</Link> : null}
            </div>
          </li>
        ))}
      </ul>
    </Sheet>
  )
}
