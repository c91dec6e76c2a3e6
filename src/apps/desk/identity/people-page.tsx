import { Link } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { ROLES, type Role } from '../../../contract/roles.ts'
import { call, queries, useAnswer } from '../app/call.ts'
import { useTranslate, useWord } from '../language/translate.ts'
import { FormDialog, TextField, TickSeveral } from '../ui/form.tsx'
import { Page } from '../ui/page.tsx'
import { Empty, Notice, Reading } from '../ui/states.tsx'
import { Chip, When, Written } from '../ui/values.tsx'

/** Everyone on this desk, and who has been invited. */
export function PeoplePage(): ReactNode {
  const t = useTranslate()
  const [link, setLink] = useState<string | null>(null)
  return (
    <Page title={t('area.people')} actions={<Invite made={setLink} />}>
      {link ? <OneTimeLink link={link} /> : null}
      <PeopleTable />
      <h2>{t('people.invitations')}</h2>
      <Invitations />
    </Page>
  )
}

export function OneTimeLink(props: { link: string }): ReactNode {
  const t = useTranslate()
  return (
    <Notice tone="asks" title={t('people.linkOnce')}>
      <p>{t('people.linkHint')}</p>
      <bdi className="mono" dir="ltr" style={{ overflowWrap: 'anywhere' }}>
        {props.link}
      </bdi>
    </Notice>
  )
}

export function isRole(word: string): word is Role {
  return (ROLES as readonly string[]).includes(word)
}

function Invite(props: { made: (link: string) => void }): ReactNode {
  const t = useTranslate()
  const word = useWord()
  const compartments = useAnswer('GET /api/compartments')
  return (
    <FormDialog
      button={t('people.invite')}
      title={t('people.invite')}
      submit={t('people.inviteSubmit')}
      tone="first"
      act={async (sent) => {
        const { link } = await call('POST /api/invitations', {
          body: {
            name: sent.text('name'),
            roles: sent.several('roles').filter(isRole),
            compartmentIds: sent.several('compartments'),
            days: Number(sent.text('days')),
          },
        })
        props.made(link)
        await queries.invalidateQueries()
      }}
    >
      <TextField label={t('person.name')} name="name" required maxLength={120} />
      <TickSeveral
        legend={t('person.roles')}
        name="roles"
        options={ROLES.map((role) => [role, word('role', role)])}
      />
      {compartments.data?.compartments.length ? (
        <TickSeveral
          legend={t('person.compartments')}
          name="compartments"
          options={compartments.data.compartments.map(({ id, name }) => [id, name])}
        />
      ) : null}
      <TextField
        label={t('people.days')}
        name="days"
        type="number"
        min={1}
        max={30}
        defaultValue={7}
        required
      />
    </FormDialog>
  )
}

function PeopleTable(): ReactNode {
  const t = useTranslate()
  const word = useWord()
  const people = useAnswer('GET /api/people')
  return (
    <Reading of={people}>
      {({ people: list }) => (
        <div className="table">
          <table>
            <thead>
              <tr>
                <th>{t('person.name')}</th>
                <th>{t('person.roles')}</th>
                <th>{t('person.compartments')}</th>
                <th>{t('person.secondFactor')}</th>
                <th>{t('person.seen')}</th>
              </tr>
            </thead>
            <tbody>
              {list.map((person) => (
                <tr key={person.id}>
                  <td className="name">
                    <Link to={`/people/${person.id}`}>
                      <Written>{person.name}</Written>
                    </Link>{' '}
                    {person.state === 'suspended' ? <Chip tone="asks">{t('person.suspended')}</Chip> : null}
                    {person.kind === 'local-operator' ? <Chip>{t('person.localOperator')}</Chip> : null}
                  </td>
                  <td>{person.roles.map((role) => word('role', role)).join(t('list.comma'))}</td>
                  <td>{person.compartments.map(({ name }) => name).join(t('list.comma'))}</td>
                  <td>{person.secondFactor ? t('value.on') : <Chip tone="asks">{t('value.off')}</Chip>}</td>
                  <td>
                    <When at={person.lastSeenAt} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Reading>
  )
}

function Invitations(): ReactNode {
  const t = useTranslate()
  const word = useWord()
  const invitations = useAnswer('GET /api/invitations')
  return (
    <Reading of={invitations}>
      {({ invitations: list }) =>
        list.length === 0 ? (
          <Empty title={t('people.noInvitations')} hint={t('people.noInvitationsHint')} />
        ) : (
          <div className="table">
            <table>
              <thead>
                <tr>
                  <th>{t('person.name')}</th>
                  <th>{t('person.roles')}</th>
                  <th>{t('list.state')}</th>
                  <th>{t('people.expires')}</th>
                  <th>
                    <span className="unseen">{t('list.actions')}</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {list.map((invitation) => (
                  <tr key={invitation.id}>
                    <td className="name">
                      <Written>{invitation.name || t('people.firstAdministrator')}</Written>
                    </td>
                    <td>{invitation.roles.map((role) => word('role', role)).join(t('list.comma'))}</td>
                    <td>{word('invitation', invitation.state)}</td>
                    <td>
                      <When at={invitation.expiresAt} />
                    </td>
                    <td>
                      {invitation.state === 'open' ? (
                        <FormDialog
                          button={t('people.withdraw')}
                          title={t('people.withdrawTitle', { name: invitation.name })}
                          submit={t('people.withdraw')}
                          act={async () => {
                            await call('DELETE /api/invitations/:id', { params: { id: invitation.id } })
                            await queries.invalidateQueries()
                          }}
                        >
                          <p>{t('people.withdrawHint')}</p>
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
