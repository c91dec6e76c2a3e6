import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useEffect, useState } from 'react'
import { Button } from 'react-aria-components'
import { addressOf, type Said } from '../app/call.ts'
import { useFormat } from '../language/format.ts'
import { useTranslate } from '../language/translate.ts'
import { Sheet } from '../ui/page.tsx'
import { Failure } from '../ui/states.tsx'
import { Bytes, Progress, Written } from '../ui/values.tsx'
import { startUpload, stopUpload, useUpload } from './upload-run.ts'

type Report = Said<'GET /api/batches/:id/events'>

/** What this window is sending: how far, how fast, how long still, and what would not go. */
export function UploadProgress(props: { batchId: string }): ReactNode {
  const t = useTranslate()
  const format = useFormat()
  const sending = useUpload(props.batchId)
  if (!sending || (!sending.running && sending.notSent.length === 0 && !sending.failed)) return null
  const left =
    sending.bytesPerSecond > 0 ? (sending.bytes - sending.bytesSent) / sending.bytesPerSecond : null
  return (
    <Sheet title={t('upload.title')}>
      <Progress
        label={t('upload.title')}
        part={
          sending.bytes === 0
            ? sending.filesSent / Math.max(1, sending.files)
            : sending.bytesSent / sending.bytes
        }
      />
      <p className="row small">
        <span>{t('upload.files', { sent: sending.filesSent, all: sending.files })}</span>
        <span>
          <Bytes of={sending.bytesSent} /> / <Bytes of={sending.bytes} />
        </span>
        {sending.running && sending.bytesPerSecond > 0 ? (
          <span>{t('upload.rate', { rate: format.bytes(sending.bytesPerSecond) })}</span>
        ) : null}
        {sending.running && left !== null ? (
          <span>{t('upload.left', { time: format.seconds(left) })}</span>
        ) : null}
      </p>
      {sending.current ? (
        <p className="quiet small">
          <Written>{sending.current}</Written>
        </p>
      ) : null}
      <Failure error={sending.failed} />
      {sending.notSent.length > 0 ? (
        <div className="notice asks" role="alert">
          <h3>{t('upload.notSent', { count: sending.notSent.length })}</h3>
          <ul>
            {sending.notSent.slice(0, 50).map(({ chosen, words }) => (
              <li key={chosen.path}>
                <Written>{chosen.path}</Written>: <span dir="auto">{words}</span>
              </li>
            ))}
          </ul>
        </div>
      ) : null}
      <div className="row">
        {sending.running ? (
          <Button className="button" onPress={() => stopUpload(props.batchId)}>
            {t('upload.stop')}
          </Button>
        ) : sending.notSent.length > 0 ? (
          <Button
            className="button first"
            onPress={() =>
              startUpload(
                props.batchId,
                sending.notSent.map(({ chosen }) => chosen),
                true,
              )
            }
          >
            {t('upload.again')}
          </Button>
        ) : null}
      </div>
    </Sheet>
  )
}

/** What the desk is doing with what it has, as it says itself. */
export function BatchProgress(props: { batchId: string }): ReactNode {
  const t = useTranslate()
  const format = useFormat()
  const report = useReport(props.batchId)
  if (!report) return null
  const { counts } = report
  const all = counts.taken + counts.children
  return (
    <Sheet title={t('progress.title')}>
      <Progress
        label={t('progress.title')}
        part={all === 0 ? 0 : 1 - counts.waiting / Math.max(counts.waiting, all)}
      />
      <p className="row small">
        <span>{t('progress.waiting', { count: counts.waiting })}</span>
        <span>
          {t('progress.rate', { rate: format.number(Math.round(report.filesPerSecond * 10) / 10) })}
        </span>
        <span>{t('upload.rate', { rate: format.bytes(report.bytesPerSecond) })}</span>
        {report.secondsLeft === null ? null : (
          <span>{t('upload.left', { time: format.seconds(report.secondsLeft) })}</span>
        )}
      </p>
    </Sheet>
  )
}

function useReport(batchId: string): Report | null {
  const client = useQueryClient()
  const [report, setReport] = useState<Report | null>(null)
  useEffect(() => {
    const events = new EventSource(addressOf('GET /api/batches/:id/events', { params: { id: batchId } }))
    let asked = 0
    events.addEventListener('progress', ({ data, timeStamp }) => {
      const said = JSON.parse(String(data)) as Report
      setReport(said)
      if (said.done) events.close()
      if (said.done || timeStamp - asked > 3_000) {
        asked = timeStamp
        void client.invalidateQueries()
      }
    })
    return () => events.close()
  }, [batchId, client])
  return report
}
