import { useParams } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { ROLES } from '../../../contract/roles.ts'
import type { Person } from '../../../contract/people.ts'
import { call, queries, useAnswer } from '../app/call.ts'
import { useTranslate, useWord } from '../language/translate.ts'
import { FormDialog, LongField, TickSeveral } from '../ui/form.tsx'
import { Facts, Page, PageReading, Sheet } from '../ui/page.tsx'
import { When } from '../ui/values.tsx'
import { isRole, OneTimeLink } from './people-page.tsx'
import { SessionTable } from './session-table.tsx'

/** One person: roles, compartments, sessions; suspended, let in again, given a new password. */
export function PersonPage(): ReactNode {
  const t = useTranslate()
  const word = useWord()
  const { id = '' } = useParams({ strict: false }) as { id?: string }
  const read = useAnswer('GET /api/people/:id', { params: { id } })
  const [link, setLink] = useState<string | null>(null)
  return (
    <PageReading of={read} title={t('area.people')}>
      {({ person, sessions }) => (
        <Page
          title={person.name}
          crumbs={[{ label: t('area.people'), to: '/people' }, { label: person.name }]}
          actions={<Acts person={person} made={setLink} />}
        >
          {link ? <OneTimeLink link={link} /> : null}
          <Sheet title={t('account.me')}>
            <Facts
              of={[
                [t('signIn.name'), person.signInName],
                [t('list.state'), t(person.state === 'active' ? 'person.active' : 'person.suspended')],
                [
                  t('person.roles'),
                  person.roles.map((role) => word('role', role)).join(t('list.comma')) || t('value.none'),
                ],
                [
                  t('person.compartments'),
                  person.compartments.map(({ name }) => name).join(t('list.comma')) || t('value.none'),
                ],
                [t('person.secondFactor'), t(person.secondFactor ? 'value.on' : 'value.off')],
                [t('person.since'), <When key="c" at={person.createdAt} both />],
                [
                  t('person.seen'),
                  person.lastSeenAt ? <When key="l" at={person.lastSeenAt} /> : t('value.never'),
                ],
              ]}
            />
          </Sheet>
          <h2>{t('account.sessions')}</h2>
          <SessionTable
            sessions={sessions}
            end={(sessionId) =>
              call('POST /api/people/:id/sessions/end', {
                params: { id },
                body: { sessionId, why: t('sessions.endedByAdministrator') },
              })
            }
          />
        </Page>
      )}
    </PageReading>
  )
}

function Acts(props: { person: Person; made: (link: string) => void }): ReactNode {
  const t = useTranslate()
  const word = useWord()
  const params = { id: props.person.id }
  const suspended = props.person.state === 'suspended'
  const why = <LongField label={t('field.why')} name="why" required minLength={3} />
  return (
    <>
      <FormDialog
        button={t('person.setRoles')}
        title={t('person.setRoles')}
        submit={t('action.save')}
        act={async (sent) => {
          await call('PUT /api/people/:id/roles', {
            params,
            body: { roles: sent.several('roles').filter(isRole), why: sent.text('why') },
          })
          await queries.invalidateQueries()
        }}
      >
        <TickSeveral
          legend={t('person.roles')}
          name="roles"
          options={ROLES.map((role) => [role, word('role', role)])}
          chosen={props.person.roles}
        />
        {why}
      </FormDialog>
      <FormDialog
        button={t('person.reset')}
        title={t('person.reset')}
        submit={t('person.reset')}
        act={async (sent) => {
          const { link } = await call('POST /api/people/:id/reset', {
            params,
            body: { why: sent.text('why') },
          })
          props.made(link)
          await queries.invalidateQueries()
        }}
      >
        <p>{t('person.resetHint')}</p>
        {why}
      </FormDialog>
      <FormDialog
        button={t('person.endAll')}
        title={t('person.endAll')}
        submit={t('person.endAll')}
        act={async (sent) => {
          await call('POST /api/people/:id/sessions/end', { params, body: { why: sent.text('why') } })
          await queries.invalidateQueries()
        }}
      >
        {why}
      </FormDialog>
      <FormDialog
        button={t(suspended ? 'person.resume' : 'person.suspend')}
        title={t(suspended ? 'person.resume' : 'person.suspend')}
        submit={t(suspended ? 'person.resume' : 'person.suspend')}
        act={async (sent) => {
          await call(suspended ? 'POST /api/people/:id/resume' : 'POST /api/people/:id/suspend', {
            params,
            body: { why: sent.text('why') },
          })
          await queries.invalidateQueries()
        }}
      >
        <p>{t(suspended ? 'person.resumeHint' : 'person.suspendHint')}</p>
        {why}
      </FormDialog>
    </>
  )
}
