import { useParams } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { call, queries, useAnswer } from '../app/call.ts'
import { useMay } from '../app/session.ts'
import { useTranslate, useWord } from '../language/translate.ts'
import { Choose, FormDialog, LongField } from '../ui/form.tsx'
import { Page, PageReading, Sheet } from '../ui/page.tsx'
import { Empty } from '../ui/states.tsx'
import { Chip, When, Written } from '../ui/values.tsx'

/** Who sees into one compartment; each change asks for its reason and goes on the log. */
export function CompartmentPage(): ReactNode {
  const t = useTranslate()
  const word = useWord()
  const may = useMay()
  const { id = '' } = useParams({ strict: false }) as { id?: string }
  const compartments = useAnswer('GET /api/compartments')
  const names = useAnswer('GET /api/people/names')
  return (
    <PageReading of={compartments} title={t('area.compartments')}>
      {({ compartments: list }) => {
        const found = list.find((one) => one.id === id)
        if (!found) return <Empty title={t('state.notFound')} hint={t('refusal.not_found')} />
        const outside = (names.data?.people ?? []).filter(
          (person) => !found.members.some((member) => member.id === person.id),
        )
        return (
          <Page
            title={found.name}
            crumbs={[{ label: t('area.compartments'), to: '/compartments' }, { label: found.name }]}
            under={
              <span className="row quiet small">
                <Chip>{word('compartment', found.kind)}</Chip> <When at={found.createdAt} both time={false} />
              </span>
            }
          >
            <Sheet
              title={t('compartments.members')}
              actions={may('compartments.manage') ? <AddMember id={id} outside={outside} /> : null}
            >
              {found.members.length === 0 ? <p className="quiet">{t('compartments.noMembers')}</p> : null}
              <ul className="stack">
                {found.members.map((member) => (
                  <li key={member.id} className="row spread">
                    <Written>{member.name}</Written>
                    {may('compartments.manage') ? (
                      <FormDialog
                        button={t('action.remove')}
                        title={t('compartments.removeTitle', { name: member.name })}
                        submit={t('action.remove')}
                        act={async (sent) => {
                          await call('POST /api/compartments/:id/members/:personId/remove', {
                            params: { id, personId: member.id },
                            body: { why: sent.text('why') },
                          })
                          await queries.invalidateQueries()
                        }}
                      >
                        <LongField label={t('field.why')} name="why" required minLength={3} />
                      </FormDialog>
                    ) : null}
                  </li>
                ))}
              </ul>
            </Sheet>
          </Page>
        )
      }}
    </PageReading>
  )
}

function AddMember(props: { id: string; outside: readonly { id: string; name: string }[] }): ReactNode {
  const t = useTranslate()
  return (
    <FormDialog
      button={t('compartments.add')}
      title={t('compartments.add')}
      submit={t('compartments.add')}
      disabled={props.outside.length === 0}
      act={async (sent) => {
        await call('POST /api/compartments/:id/members', {
          params: { id: props.id },
          body: { personId: sent.text('person'), why: sent.text('why') },
        })
        await queries.invalidateQueries()
      }}
    >
      <Choose
        label={t('field.person')}
        name="person"
        options={props.outside.map((person) => [person.id, person.name])}
      />
      <LongField label={t('field.why')} name="why" required minLength={3} />
    </FormDialog>
  )
}
