import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { call, queries, useAnswer } from '../app/call.ts'
import { useMay } from '../app/session.ts'
import { useTranslate, useWord } from '../language/translate.ts'
import { Choose, FormDialog, LongField, TextField, Tick } from '../ui/form.tsx'
import { Empty, Reading } from '../ui/states.tsx'
import { Chip, When, Written } from '../ui/values.tsx'

/** Dated grants: of one subject where it is named, else all that one may know of. */
export function GrantTable(props: { subjectId?: string }): ReactNode {
  const t = useTranslate()
  const word = useWord()
  const may = useMay()
  const grants = useAnswer('GET /api/grants', { query: { subjectId: props.subjectId } })
  return (
    <Reading of={grants}>
      {({ grants: list }) =>
        list.length === 0 ? (
          <Empty title={t('grants.none')} hint={t('grants.noneHint')} />
        ) : (
          <div className="table">
            <table>
              <thead>
                <tr>
                  <th>{t('grants.who')}</th>
                  <th>{t('grants.what')}</th>
                  <th>{t('grants.purpose')}</th>
                  <th>{t('grants.until')}</th>
                  <th>{t('list.state')}</th>
                  <th>
                    <span className="unseen">{t('list.actions')}</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {list.map((grant) => (
                  <tr key={grant.id}>
                    <td>
                      <Written>{grant.person.name}</Written>
                    </td>
                    <td>
                      <Link
                        to={
                          grant.subjectKind === 'item'
                            ? `/items/${grant.subjectId}`
                            : `/collections/${grant.subjectId}`
                        }
                      >
                        {t(`subject.${grant.subjectKind}`)}
                      </Link>
                      {grant.original ? <Chip tone="asks">{t('grants.original')}</Chip> : null}
                    </td>
                    <td className="name">
                      <Written>{grant.purpose}</Written>
                    </td>
                    <td>
                      <When at={grant.until} time={false} />
                    </td>
                    <td>{word('grant', grant.state)}</td>
                    <td>
                      {grant.state === 'running' && may('grants.give') ? (
                        <FormDialog
                          button={t('action.revoke')}
                          title={t('grants.revoke')}
                          submit={t('action.revoke')}
                          act={async (sent) => {
                            await call('POST /api/grants/:id/revoke', {
                              params: { id: grant.id },
                              body: { why: sent.text('why') },
                            })
                            await queries.invalidateQueries()
                          }}
                        >
                          <LongField label={t('field.why')} name="why" required minLength={3} />
                        </FormDialog>
                      ) : null}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )
      }
    </Reading>
  )
}

/** Lets one person see one item or collection, for a purpose, until the end of a day. */
export function GiveGrant(props: { subjectKind: 'item' | 'collection'; subjectId: string }): ReactNode {
  const t = useTranslate()
  const names = useAnswer('GET /api/people/names')
  return (
    <FormDialog
      button={t('grants.give')}
      title={t('grants.give')}
      submit={t('grants.give')}
      act={async (sent) => {
        await call('POST /api/grants', {
          body: {
            personId: sent.text('person'),
            subjectKind: props.subjectKind,
            subjectId: props.subjectId,
            purpose: sent.text('purpose'),
            original: sent.ticked('original'),
            until: new Date(`${sent.text('until')}T23:59:59.000Z`).toISOString(),
          },
        })
        await queries.invalidateQueries()
      }}
    >
      <Choose
        label={t('field.person')}
        name="person"
        required
        options={(names.data?.people ?? []).map(({ id, name }) => [id, name])}
      />
      <LongField label={t('grants.purpose')} name="purpose" required minLength={3} />
      <TextField label={t('grants.until')} name="until" type="date" required />
      <Tick name="original" label={t('grants.originalToo')} />
    </FormDialog>
  )
}
