import { type ReactNode, useState } from 'react'
import { call, queries, type Said } from '../app/call.ts'
import { useMay } from '../app/session.ts'
import { useFormat } from '../language/format.ts'
import { useTranslate } from '../language/translate.ts'
import { Form, TextField } from '../ui/form.tsx'
import { Facts, Page, Sheet } from '../ui/page.tsx'
import { Notice } from '../ui/states.tsx'
import { Bytes, Count } from '../ui/values.tsx'

type BackedUp = Said<'POST /api/backups'>

/** Writes or renews a backup in a folder of the desk's own machine, while the desk runs. */
export function BackupPage(): ReactNode {
  const t = useTranslate()
  const may = useMay()
  const [made, setMade] = useState<BackedUp | null>(null)
  return (
    <Page
      title={t('backup.title')}
      crumbs={[{ label: t('area.audit'), to: '/audit' }, { label: t('backup.title') }]}
    >
      <p className="quiet">{t('backup.hint')}</p>
      {may('backup.run') ? (
        <Sheet title={t('backup.make')}>
          <Form
            submit={t('backup.submit')}
            act={async (sent) => {
              setMade(null)
              setMade(await call('POST /api/backups', { body: { to: sent.text('to') } }))
              await queries.invalidateQueries()
            }}
          >
            <TextField
              label={t('backup.folder')}
              hint={t('backup.folderHint')}
              name="to"
              required
              maxLength={4096}
              dir="ltr"
              spellCheck={false}
            />
          </Form>
        </Sheet>
      ) : (
        <Notice title={t('state.notPermitted')}>
          <p>{t('refusal.not_permitted')}</p>
        </Notice>
      )}
      {made ? <Made of={made} /> : null}
      <Sheet title={t('backup.restore')}>
        <p>{t('backup.restoreHint')}</p>
        <pre className="mono small" dir="ltr" style={{ margin: 0 }}>
          amanat restore FOLDER
        </pre>
        <p className="quiet">{t('backup.keysHint')}</p>
      </Sheet>
    </Page>
  )
}

function Made(props: { of: BackedUp }): ReactNode {
  const t = useTranslate()
  const format = useFormat()
  const { of } = props
  return (
    <Notice title={t('backup.made')}>
      <Facts
        of={[
          [
            t('backup.folder'),
            <bdi key="f" className="mono small" dir="ltr">
              {of.folder}
            </bdi>,
          ],
          [t('audit.treeSize'), <Count key="s" of={of.treeSize} />],
          [
            t('audit.blobs'),
            <span key="b">
              <Count of={of.blobs} /> · <Bytes of={of.bytes} />
            </span>,
          ],
          [t('backup.copied'), <Count key="c" of={of.copied} />],
          [t('backup.took'), format.seconds(of.milliseconds / 1000)],
        ]}
      />
    </Notice>
  )
}
