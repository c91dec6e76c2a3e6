import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { Said } from '../app/call.ts'
import { usePages } from '../app/pages.ts'
import { useMay } from '../app/session.ts'
import { useTranslate, useWord } from '../language/translate.ts'
import { Listing } from '../ui/listing.tsx'
import { Page } from '../ui/page.tsx'
import { Empty } from '../ui/states.tsx'
import { Chip, Count, When, Written } from '../ui/values.tsx'

/** Everything that was taken in, batch by batch, newest first. */
export function BatchesPage(): ReactNode {
  const t = useTranslate()
  const may = useMay()
  const batches = usePages('GET /api/batches', { query: { limit: 50 } }, 10_000)
  const begin = may('intake.run') ? (
    <>
      <Link className="button first" to="/intake/new">
        {t('intake.begin')}
      </Link>
      <Link className="button" to="/intake/thing">
        {t('thing.receive')}
      </Link>
    </>
  ) : null
  return (
    <Page title={t('area.intake')} actions={begin}>
      <Listing
        of={batches}
        rows={(page) => page.batches}
        empty={<Empty title={t('front.nothingYet')} hint={t('front.nothingYetHint')} />}
      >
        {(rows) => <BatchTable rows={rows} />}
      </Listing>
    </Page>
  )
}

function BatchTable(props: { rows: readonly Said<'GET /api/batches'>['batches'][number][] }): ReactNode {
  const t = useTranslate()
  const word = useWord()
  return (
    <div className="table">
      <table>
        <thead>
          <tr>
            <th>{t('intake.label')}</th>
            <th>{t('field.collection')}</th>
            <th>{t('list.state')}</th>
            <th className="numbers">{t('count.taken')}</th>
            <th className="numbers">{t('count.held')}</th>
            <th className="numbers">{t('count.quarantined')}</th>
            <th className="numbers">{t('count.failed')}</th>
            <th>{t('intake.began')}</th>
          </tr>
        </thead>
        <tbody>
          {props.rows.map((batch) => (
            <tr key={batch.id}>
              <td className="name">
                <Link to={`/intake/${batch.id}`}>
                  <Written>{batch.label}</Written>
                </Link>
              </td>
              <td>
                <Written>{batch.collection.name}</Written>
              </td>
              <td>
                <Chip tone={batch.state === 'open' ? 'lapis' : undefined}>{word('batch', batch.state)}</Chip>
              </td>
              <td className="numbers">
                <Count of={batch.counts.taken} />
              </td>
              <td className="numbers">
                <Count of={batch.counts.alreadyHeld} />
              </td>
              <td className="numbers">
                <Count of={batch.counts.quarantined} />
              </td>
              <td className="numbers">
                <Count of={batch.counts.failed} />
              </td>
              <td>
                <When at={batch.createdAt} />{' '}
                <div className="quiet small">
                  <Written>{batch.createdBy}</Written>
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
