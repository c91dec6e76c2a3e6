import { Link, useParams } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { Button, Tab, TabList, TabPanel, Tabs } from 'react-aria-components'
import { addressOf, call, queries, type Said, useAnswer } from '../app/call.ts'
import { useMay } from '../app/session.ts'
import { useTranslate, useWord } from '../language/translate.ts'
import { FormDialog, LongField } from '../ui/form.tsx'
import { Page, PageReading, Sheet } from '../ui/page.tsx'
import { Notice } from '../ui/states.tsx'
import { Chip, Count, Figure, Written } from '../ui/values.tsx'
import { BatchFiles } from './batch-files.tsx'
import { BatchProgress, UploadProgress } from './batch-progress.tsx'
import type { Chosen } from './choose-files.ts'
import { FileChooser } from './file-chooser.tsx'
import { Receipt } from './receipt.tsx'
import { Reconciliation } from './reconciliation.tsx'
import { startUpload, useUpload } from './upload-run.ts'

type Batch = Said<'GET /api/batches/:id'>

/** One batch: how it goes, what it took, what failed, what the manifest says, its receipt. */
export function BatchPage(): ReactNode {
  const t = useTranslate()
  const word = useWord()
  const may = useMay()
  const { id = '' } = useParams({ strict: false }) as { id?: string }
  const going = (last: Batch | undefined): number | false =>
    last?.state === 'open' || last?.state === 'closed' ? 3_000 : false
  const batch = useAnswer('GET /api/batches/:id', { params: { id } }, { everyMs: going })
  return (
    <PageReading of={batch} title={t('area.intake')}>
      {(found) => (
        <Page
          title={found.label}
          crumbs={[{ label: t('area.intake'), to: '/intake' }, { label: found.label }]}
          under={
            <div className="row">
              <Chip tone={found.state === 'open' ? 'lapis' : undefined}>{word('batch', found.state)}</Chip>
              <Link to={`/collections/${found.collection.id}`}>
                <Written>{found.collection.name}</Written>
              </Link>
              {found.source ? <bdi className="mono">{found.source.code}</bdi> : null}
            </div>
          }
          actions={may('intake.run') ? <Acts of={found} /> : null}
        >
          <UploadProgress batchId={id} />
          <Counts of={found} />
          {found.state === 'done' || found.state === 'cancelled' ? null : <BatchProgress batchId={id} />}
          {found.state === 'open' && may('intake.run') ? <GoOn batchId={id} /> : null}
          <Tabs className="tabs">
            <TabList aria-label={t('intake.views')}>
              <Tab id="files">{t('intake.files')}</Tab>
              <Tab id="receipt">{t('intake.receipt')}</Tab>
              {found.manifest ? <Tab id="manifest">{t('intake.manifest')}</Tab> : null}
            </TabList>
            <TabPanel id="files" className="stack">
              <BatchFiles batchId={id} live={found.state !== 'done'} />
            </TabPanel>
            <TabPanel id="receipt" className="stack">
              <Receipt batchId={id} />
            </TabPanel>
            {found.manifest ? (
              <TabPanel id="manifest" className="stack">
                <Reconciliation batchId={id} />
              </TabPanel>
            ) : null}
          </Tabs>
        </Page>
      )}
    </PageReading>
  )
}

function Counts(props: { of: Batch }): ReactNode {
  const t = useTranslate()
  const { counts } = props.of
  return (
    <div className="figures">
      <Figure label={t('count.taken')} value={<Count of={counts.taken} />} />
      <Figure label={t('count.held')} value={<Count of={counts.alreadyHeld} />} />
      <Figure label={t('count.children')} value={<Count of={counts.children} />} />
      <Figure label={t('count.quarantined')} value={<Count of={counts.quarantined} />} />
      <Figure label={t('count.unread')} value={<Count of={counts.unread} />} />
      <Figure label={t('count.failed')} value={<Count of={counts.failed} />} />
    </div>
  )
}

function Acts(props: { of: Batch }): ReactNode {
  const t = useTranslate()
  const may = useMay()
  const { id, state, counts } = props.of
  const params = { id }
  const [retried, setRetried] = useState<number | null>(null)
  const finish = async (): Promise<void> => {
    await call('POST /api/batches/:id/close', { params })
    await queries.invalidateQueries()
  }
  return (
    <>
      {retried === null ? null : <span role="status">{t('intake.retried', { count: retried })}</span>}
      {state === 'open' ? (
        <Button className="button" onPress={() => void finish()}>
          {t('intake.close')}
        </Button>
      ) : null}
      {counts.unread + counts.failed > 0 ? (
        <FormDialog
          button={t('intake.retry')}
          title={t('intake.retry')}
          submit={t('intake.retry')}
          act={async (sent) => {
            const passwords = sent
              .exact('passwords')
              .split('\n')
              .filter((line) => line !== '')
            const answer = await call('POST /api/batches/:id/retry', { params, body: { passwords } })
            setRetried(answer.retried)
            await queries.invalidateQueries()
          }}
        >
          <p className="quiet">{t('intake.retryHint')}</p>
          <LongField
            label={t('intake.passwords')}
            hint={t('intake.passwordsHint')}
            name="passwords"
            autoComplete="off"
            spellCheck={false}
          />
        </FormDialog>
      ) : null}
      {may('item.register') && counts.taken > 0 ? (
        <FormDialog
          button={t('intake.registerAll')}
          title={t('intake.registerAll')}
          submit={t('registration.submit')}
          act={async () => {
            await call('POST /api/items/register', { body: { batch: id } })
            await queries.invalidateQueries()
          }}
        >
          <p className="quiet">{t('registration.numbers')}</p>
        </FormDialog>
      ) : null}
      <a
        className="button"
        href={addressOf('GET /api/batches/:id/receipt/export', { params, query: { format: 'txt' } })}
        download
      >
        {t('intake.receiptGet')}
      </a>
      {state === 'open' || state === 'closed' ? (
        <FormDialog
          button={t('intake.cancel')}
          title={t('intake.cancel')}
          submit={t('intake.cancel')}
          act={async (sent) => {
            await call('POST /api/batches/:id/cancel', { params, body: { reason: sent.text('reason') } })
            await queries.invalidateQueries()
          }}
        >
          <p className="quiet">{t('intake.cancelHint')}</p>
          <LongField label={t('field.why')} name="reason" required minLength={3} />
        </FormDialog>
      ) : null}
    </>
  )
}

function GoOn(props: { batchId: string }): ReactNode {
  const t = useTranslate()
  const sending = useUpload(props.batchId)
  const [chosen, setChosen] = useState<readonly Chosen[]>([])
  if (sending?.running) return null
  return (
    <Sheet title={t('intake.goOn')}>
      <Notice>
        <p>{t('intake.goOnHint')}</p>
      </Notice>
      <FileChooser chosen={chosen} choose={setChosen} />
      <div>
        <Button
          className="button first"
          isDisabled={chosen.length === 0}
          onPress={() => startUpload(props.batchId, chosen, true)}
        >
          {t('intake.submit')}
        </Button>
      </div>
    </Sheet>
  )
}
