import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { call, queries, upload, useAnswer } from '../app/call.ts'
import { useMay } from '../app/session.ts'
import { NewSource } from '../evidence/new-source.tsx'
import { useTranslate } from '../language/translate.ts'
import { Choose, Form, type Sent, TextField } from '../ui/form.tsx'
import { Page, Sheet } from '../ui/page.tsx'
import { Empty, Reading } from '../ui/states.tsx'
import type { Chosen } from './choose-files.ts'
import { custodyOf, CustodySheet } from './custody-sheet.tsx'
import { FileChooser } from './file-chooser.tsx'
import { startUpload } from './upload-run.ts'

/** Says whose the files are and where they come from, then takes them in. */
export function NewBatchPage(): ReactNode {
  const t = useTranslate()
  const navigate = useNavigate()
  const { collection: given } = useSearch({ strict: false }) as { collection?: string }
  const [chosen, setChosen] = useState<readonly Chosen[]>([])
  const [key] = useState(() => crypto.randomUUID())
  const collections = useAnswer('GET /api/collections', { query: { limit: 200 } })
  const begin = async (sent: Sent): Promise<void> => {
    if (chosen.length === 0) throw new Error(t('intake.chooseFirst'))
    const { id } = await call('POST /api/batches', {
      body: {
        collectionId: sent.text('collection'),
        sourceId: sent.text('source') || null,
        label: sent.text('label'),
        key,
        custody: custodyOf(sent),
      },
    })
    const manifest = sent.data.get('manifest')
    if (manifest instanceof File && manifest.size > 0)
      await upload('PUT /api/batches/:id/manifest', manifest, null, {
        params: { id },
        query: { name: manifest.name },
      })
    startUpload(id, chosen, true)
    await queries.invalidateQueries()
    await navigate({ to: `/intake/${id}` })
  }
  return (
    <Page
      title={t('intake.begin')}
      crumbs={[{ label: t('area.intake'), to: '/intake' }, { label: t('intake.begin') }]}
    >
      <Reading of={collections}>
        {({ collections: list }) =>
          list.length === 0 ? (
            <Empty title={t('collections.none')} hint={t('intake.needsCollection')}>
              <Link className="button" to="/collections">
                {t('area.collections')}
              </Link>
            </Empty>
          ) : (
            <Form submit={t('intake.submit')} act={begin}>
              <FileChooser chosen={chosen} choose={setChosen} />
              <div className="sheets">
                <WhereSheet collections={list} given={given ?? ''} />
                <CustodySheet />
              </div>
            </Form>
          )
        }
      </Reading>
    </Page>
  )
}

function WhereSheet(props: {
  collections: readonly { id: string; name: string }[]
  given: string
}): ReactNode {
  const t = useTranslate()
  const may = useMay()
  const sources = useAnswer('GET /api/sources', { query: { limit: 200 } })
  const known = (sources.data?.sources ?? []).map(
    (one) => [one.id, `${one.code} ${one.provider ?? ''}`.trim()] as const,
  )
  return (
    <Sheet title={t('intake.where')} actions={may('source.manage') ? <NewSource /> : null}>
      <Choose
        label={t('field.collection')}
        name="collection"
        required
        defaultValue={props.given}
        options={props.collections.map(({ id, name }) => [id, name])}
      />
      <Choose label={t('item.source')} name="source" options={[['', t('intake.noSource')], ...known]} />
      <TextField
        label={t('intake.label')}
        hint={t('intake.labelHint')}
        name="label"
        required
        maxLength={300}
      />
      <TextField
        label={t('intake.manifest')}
        hint={t('intake.manifestHint')}
        name="manifest"
        type="file"
        accept=".csv,.txt,.dat,.opt"
      />
    </Sheet>
  )
}
