import { Link, useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { usePages } from '../app/pages.ts'
import { useMay } from '../app/session.ts'
import { useTranslate, useWord } from '../language/translate.ts'
import { Listing } from '../ui/listing.tsx'
import { Page } from '../ui/page.tsx'
import { Empty } from '../ui/states.tsx'
import { Chip, When, Written } from '../ui/values.tsx'
import { NewSource } from './new-source.tsx'

/** Sources by their codes: what is said of them everywhere; who they are stands elsewhere. */
export function SourcesPage(): ReactNode {
  const t = useTranslate()
  const word = useWord()
  const may = useMay()
  const navigate = useNavigate()
  const sources = usePages('GET /api/sources', { query: { limit: 100 } })
  const create = may('source.manage') ? (
    <NewSource tone="first" made={(id) => navigate({ to: `/sources/${id}` })} />
  ) : null
  return (
    <Page title={t('area.sources')} actions={create}>
      <p className="quiet">{t('source.hintList')}</p>
      <Listing
        of={sources}
        rows={(page) => page.sources}
        empty={
          <Empty
            title={t('sources.none')}
            hint={t(create ? 'sources.noneHint' : 'collections.noneHintReader')}
          />
        }
      >
        {(rows) => (
          <div className="table">
            <table>
              <thead>
                <tr>
                  <th>{t('source.code')}</th>
                  <th>{t('source.kind')}</th>
                  <th>{t('source.providerShort')}</th>
                  <th>{t('item.permission')}</th>
                  <th>{t('collection.compartment')}</th>
                  <th>{t('source.made')}</th>
                </tr>
              </thead>
              <tbody>
                {rows.map((source) => (
                  <tr key={source.id}>
                    <td>
                      <Link to={`/sources/${source.id}`}>
                        <bdi className="number">{source.code}</bdi>
                      </Link>
                    </td>
                    <td>{word('sourceKind', source.kind)}</td>
                    <td className="name">{source.provider ? <Written>{source.provider}</Written> : null}</td>
                    <td>
                      <Chip tone={source.permission.status === 'given' ? undefined : 'asks'}>
                        {word('permission', source.permission.status)}
                      </Chip>
                    </td>
                    <td>
                      <Written>{source.compartment.name}</Written>
                    </td>
                    <td>
                      <When at={source.createdAt} time={false} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Listing>
    </Page>
  )
}
