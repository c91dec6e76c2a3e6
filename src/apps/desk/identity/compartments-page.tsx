import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { call, queries, useAnswer } from '../app/call.ts'
import { useMay } from '../app/session.ts'
import { useTranslate, useWord } from '../language/translate.ts'
import { Choose, FormDialog, TextField, TickSeveral } from '../ui/form.tsx'
import { Page } from '../ui/page.tsx'
import { Empty, Reading } from '../ui/states.tsx'
import { Chip, Count, Written } from '../ui/values.tsx'
import { Approvals } from './approvals.tsx'
import { GrantTable } from './grant-table.tsx'

const KINDS = ['ordinary', 'source-identity', 'named-reader'] as const

/** Compartments give sight; grants let one person see one thing until a date; some acts wait for a second person. */
export function CompartmentsPage(): ReactNode {
  const t = useTranslate()
  const word = useWord()
  const may = useMay()
  const compartments = useAnswer('GET /api/compartments')
  return (
    <Page title={t('area.compartments')} actions={may('compartments.manage') ? <Create /> : null}>
      <p className="quiet">{t('compartments.hint')}</p>
      <Reading of={compartments}>
        {({ compartments: list }) =>
          list.length === 0 ? (
            <Empty title={t('compartments.none')} hint={t('compartments.noneHint')} />
          ) : (
            <div className="table">
              <table>
                <thead>
                  <tr>
                    <th>{t('list.name')}</th>
                    <th>{t('compartments.kind')}</th>
                    <th className="numbers">{t('compartments.members')}</th>
                  </tr>
                </thead>
                <tbody>
                  {list.map((compartment) => (
                    <tr key={compartment.id}>
                      <td className="name">
                        <Link to={`/compartments/${compartment.id}`}>
                          <Written>{compartment.name}</Written>
                        </Link>{' '}
                        {compartment.mine ? <Chip tone="lapis">{t('compartments.mine')}</Chip> : null}
                      </td>
                      <td>{word('compartment', compartment.kind)}</td>
                      <td className="numbers">
                        <Count of={compartment.members.length} />
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </Reading>
      <h2>{t('grants.title')}</h2>
      <GrantTable />
      <h2>{t('approvals.title')}</h2>
      <Approvals />
    </Page>
  )
}

function Create(): ReactNode {
  const t = useTranslate()
  const word = useWord()
  const names = useAnswer('GET /api/people/names')
  return (
    <FormDialog
      button={t('compartments.create')}
      title={t('compartments.create')}
      submit={t('compartments.create')}
      tone="first"
      act={async (sent) => {
        const kind = KINDS.find((one) => one === sent.text('kind')) ?? 'ordinary'
        await call('POST /api/compartments', {
          body: { name: sent.text('name'), kind, memberIds: sent.several('members') },
        })
        await queries.invalidateQueries()
      }}
    >
      <TextField label={t('list.name')} name="name" required maxLength={120} />
      <Choose
        label={t('compartments.kind')}
        name="kind"
        options={KINDS.map((kind) => [kind, word('compartment', kind)])}
      />
      <TickSeveral
        legend={t('compartments.members')}
        name="members"
        options={(names.data?.people ?? []).map(({ id, name }) => [id, name])}
      />
    </FormDialog>
  )
}
