import { Link } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import type { FILE_STATES } from '../../../contract/intake.ts'
import { usePages } from '../app/pages.ts'
import { oneOf } from '../evidence/words.ts'
import { useTranslate, useWord } from '../language/translate.ts'
import { Choose } from '../ui/form.tsx'
import { Listing } from '../ui/listing.tsx'
import { Empty } from '../ui/states.tsx'
import { Bytes, Chip, PathName } from '../ui/values.tsx'

const STATES: readonly (typeof FILE_STATES)[number][] = [
  'announced',
  'receiving',
  'received',
  'done',
  'held',
  'quarantined',
  'failed',
  'cancelled',
]

/** Every file of a batch with where it stands; what failed says at which step and why. */
export function BatchFiles(props: { batchId: string; live: boolean }): ReactNode {
  const t = useTranslate()
  const word = useWord()
  const [state, setState] = useState<(typeof STATES)[number] | null>(null)
  const files = usePages(
    'GET /api/batches/:id/files',
    { params: { id: props.batchId }, query: { limit: 100, state: state ? [state] : undefined } },
    props.live ? 5_000 : false,
  )
  return (
    <>
      <div className="row">
        <Choose
          label={t('list.state')}
          value={state ?? ''}
          onChange={({ target }) => setState(oneOf(STATES, target.value))}
          options={[['', t('filter.any')], ...STATES.map((one) => [one, word('file', one)] as const)]}
        />
      </div>
      <Listing
        of={files}
        rows={(page) => page.files}
        empty={<Empty title={t('intake.noFiles')} hint={t('intake.noFilesHint')} />}
      >
        {(rows) => (
          <div className="table">
            <table>
              <thead>
                <tr>
                  <th>{t('item.path')}</th>
                  <th className="numbers">{t('item.size')}</th>
                  <th>{t('list.state')}</th>
                  <th>{t('intake.step')}</th>
                </tr>
              </thead>
              <tbody>
                {rows.map((file) => (
                  <tr key={file.id}>
                    <td className="name">
                      {file.itemId ? (
                        <Link to={`/items/${file.itemId}`}>
                          <PathName of={file.path} />
                        </Link>
                      ) : (
                        <PathName of={file.path} />
                      )}
                    </td>
                    <td className="numbers">
                      <Bytes of={file.sizeBytes} />
                    </td>
                    <td>
                      <Chip
                        tone={file.state === 'failed' || file.state === 'quarantined' ? 'asks' : undefined}
                      >
                        {word('file', file.state)}
                      </Chip>
                    </td>
                    <td>
                      {word('step', file.step)}
                      {file.reason ? (
                        <div className="small" dir="auto">
                          {file.reason}
                        </div>
                      ) : null}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Listing>
    </>
  )
}
