import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { call, queries, upload, useAnswer } from '../app/call.ts'
import { useMay } from '../app/session.ts'
import { useTranslate, useWord } from '../language/translate.ts'
import { Choose, Form, FormDialog, LongField, type Sent, TextField } from '../ui/form.tsx'
import { Page, Sheet } from '../ui/page.tsx'
import { Empty, Reading } from '../ui/states.tsx'
import type { Chosen } from './choose-files.ts'
import { FileChooser } from './file-chooser.tsx'
import { startUpload } from './upload-run.ts'

const SOURCE_KINDS = ['person', 'organisation', 'open-source', 'device', 'other'] as const

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

function CustodySheet(): ReactNode {
  const t = useTranslate()
  return (
    <Sheet title={t('intake.custody')}>
      <p className="quiet small">{t('intake.custodyHint')}</p>
      <TextField label={t('collect.by')} name="collectedBy" maxLength={500} />
      <TextField label={t('collect.at')} hint={t('collect.atHint')} name="collectedAt" maxLength={100} />
      <TextField label={t('collect.place')} name="place" maxLength={500} />
      <LongField label={t('collect.how')} name="how" maxLength={2000} />
      <div className="row bottom">
        <div className="grow">
          <TextField label={t('collect.tool')} name="tool" maxLength={200} />
        </div>
        <div className="grow">
          <TextField label={t('collect.toolVersion')} name="toolVersion" maxLength={100} />
        </div>
      </div>
      <LongField label={t('collect.priorHolders')} hint={t('collect.priorHoldersHint')} name="priorHolders" />
    </Sheet>
  )
}

function custodyOf(sent: Sent): Record<string, string | string[]> {
  const custody: Record<string, string | string[]> = {}
  for (const name of ['collectedBy', 'collectedAt', 'place', 'how', 'tool', 'toolVersion'])
    if (sent.text(name)) custody[name] = sent.text(name)
  const holders = sent
    .text('priorHolders')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  if (holders.length > 0) custody['priorHolders'] = holders
  return custody
}

function NewSource(): ReactNode {
  const t = useTranslate()
  const word = useWord()
  const compartments = useAnswer('GET /api/compartments')
  return (
    <FormDialog
      button={t('source.create')}
      title={t('source.create')}
      submit={t('source.create')}
      act={async (sent) => {
        await call('POST /api/sources', {
          body: {
            kind: SOURCE_KINDS.find((one) => one === sent.text('kind')) ?? 'other',
            provider: sent.text('provider') || null,
            compartmentId: sent.text('compartment'),
            note: sent.text('note'),
          },
        })
        await queries.invalidateQueries()
      }}
    >
      <p className="quiet">{t('source.hint')}</p>
      <Choose
        label={t('source.kind')}
        name="kind"
        options={SOURCE_KINDS.map((one) => [one, word('sourceKind', one)])}
      />
      <TextField label={t('source.provider')} name="provider" maxLength={300} />
      <Choose
        label={t('collection.compartment')}
        name="compartment"
        required
        options={(compartments.data?.compartments ?? [])
          .filter((one) => one.mine)
          .map(({ id, name }) => [id, name])}
      />
      <LongField label={t('field.note')} name="note" maxLength={4000} />
    </FormDialog>
  )
}
