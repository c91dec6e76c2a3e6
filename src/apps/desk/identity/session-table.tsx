import type { ReactNode } from 'react'
import type { Account } from '../../../contract/identity.ts'
import { queries } from '../app/call.ts'
import { useTranslate, useWord } from '../language/translate.ts'
import { FormDialog } from '../ui/form.tsx'
import { Empty } from '../ui/states.tsx'
import { Chip, When, Written } from '../ui/values.tsx'

/** Where somebody is signed in, each to be ended. */
export function SessionTable(props: {
  sessions: Account['sessions']
  end: (id: string) => Promise<unknown>
}): ReactNode {
  const t = useTranslate()
  const word = useWord()
  if (props.sessions.length === 0) return <Empty title={t('sessions.none')} hint={t('sessions.noneHint')} />
  return (
    <div className="table">
      <table>
        <thead>
          <tr>
            <th>{t('sessions.agent')}</th>
            <th>{t('sessions.factors')}</th>
            <th>{t('sessions.began')}</th>
            <th>{t('sessions.seen')}</th>
            <th>
              <span className="unseen">{t('list.actions')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {props.sessions.map((session) => (
            <tr key={session.id}>
              <td className="name">
                <Written>{session.agent || t('value.unknown')}</Written>{' '}
                {session.current ? <Chip tone="lapis">{t('sessions.current')}</Chip> : null}
              </td>
              <td>{session.factors.map((factor) => word('factor', factor)).join(t('list.comma'))}</td>
              <td>
                <When at={session.createdAt} />
              </td>
              <td>
                <When at={session.seenAt} />
              </td>
              <td>
                <FormDialog
                  button={t('sessions.end')}
                  title={t('sessions.endTitle')}
                  submit={t('sessions.end')}
                  act={async () => {
                    await props.end(session.id)
                    await queries.invalidateQueries()
                  }}
                >
                  <p>{t('sessions.endHint')}</p>
                </FormDialog>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
