import { Link, useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { call, queries, useAnswer } from '../app/call.ts'
import { usePages } from '../app/pages.ts'
import { useMay } from '../app/session.ts'
import { useTranslate, useWord } from '../language/translate.ts'
import { Choose, FormDialog, LongField, TextField, Tick } from '../ui/form.tsx'
import { Listing } from '../ui/listing.tsx'
import { Page } from '../ui/page.tsx'
import { Empty, Notice } from '../ui/states.tsx'
import { Count, Written } from '../ui/values.tsx'
import { CLASSES, oneOf } from './words.ts'

/** Collections that the person may see. */
export function CollectionsPage(): ReactNode {
  const t = useTranslate()
  const word = useWord()
  const may = useMay()
  const collections = usePages('GET /api/collections', { query: { limit: 100 } })
  const create = may('collections.manage') ? <CreateCollection /> : null
  return (
    <Page title={t('area.collections')} actions={create}>
      <Listing
        of={collections}
        rows={(page) => page.collections}
        empty={
          <Empty
            title={t('collections.none')}
            hint={t(create ? 'collections.noneHint' : 'collections.noneHintReader')}
          />
        }
      >
        {(rows) => (
          <div className="table">
            <table>
              <thead>
                <tr>
                  <th>{t('list.name')}</th>
                  <th>{t('collection.compartment')}</th>
                  <th>{t('collection.classification')}</th>
                  <th className="numbers">{t('collection.items')}</th>
                </tr>
              </thead>
              <tbody>
                {rows.map((collection) => (
                  <tr key={collection.id}>
                    <td className="name">
                      <Link to={`/collections/${collection.id}`}>
                        <Written>{collection.name}</Written>
                      </Link>
                      <div className="quiet small" dir="auto">
                        {collection.description}
                      </div>
                    </td>
                    <td>
                      <Written>{collection.compartment.name}</Written>
                    </td>
                    <td>{word('class', collection.defaultClassification)}</td>
                    <td className="numbers">
                      <Count of={collection.counts.items} />
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

export function CreateCollection(): ReactNode {
  const t = useTranslate()
  const word = useWord()
  const navigate = useNavigate()
  const compartments = useAnswer('GET /api/compartments')
  const mine = (compartments.data?.compartments ?? []).filter(
    (one) => one.mine && one.kind !== 'source-identity',
  )
  return (
    <FormDialog
      button={t('collections.create')}
      title={t('collections.create')}
      submit={t('collections.create')}
      tone="first"
      act={async (sent) => {
        const { id } = await call('POST /api/collections', {
          body: {
            name: sent.text('name'),
            description: sent.text('description'),
            compartmentId: sent.text('compartment'),
            defaultClassification: oneOf(CLASSES, sent.text('classification')) ?? 'confidential',
            trustsIntake: sent.ticked('trustsIntake'),
          },
        })
        await queries.invalidateQueries()
        await navigate({ to: `/collections/${id}` })
      }}
    >
      {compartments.isSuccess && mine.length === 0 ? (
        <Notice tone="asks">
          <p>{t('collections.noCompartment')}</p>
        </Notice>
      ) : null}
      <TextField label={t('list.name')} name="name" required maxLength={200} />
      <LongField label={t('collection.description')} name="description" maxLength={4000} />
      <Choose
        label={t('collection.compartment')}
        name="compartment"
        required
        options={mine.map(({ id, name }) => [id, name])}
      />
      <Choose
        label={t('collection.classification')}
        name="classification"
        defaultValue="confidential"
        options={CLASSES.map((one) => [one, word('class', one)])}
      />
      <Tick name="trustsIntake" label={t('collection.trustsIntakeHint')} />
    </FormDialog>
  )
}
