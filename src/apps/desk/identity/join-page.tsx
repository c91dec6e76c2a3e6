import { useQuery } from '@tanstack/react-query'
import { useLocation, useNavigate } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { call, queries, useAnswer } from '../app/call.ts'
import { useTranslate, useWord } from '../language/translate.ts'
import { Form, TextField } from '../ui/form.tsx'
import { Notice, Reading } from '../ui/states.tsx'
import { When } from '../ui/values.tsx'
import { Door } from './sign-in-page.tsx'

/** Behind a one-time link (`/join#SECRET`): the first administrator, an invited person, or a new password. */
export function JoinPage(): ReactNode {
  const t = useTranslate()
  const secret = useLocation().hash.replace(/^#/, '')
  const who = useAnswer('GET /api/session')
  const invitation = useQuery({
    queryKey: ['join', secret],
    queryFn: () => call('POST /api/invitations/open', { body: { secret } }),
    enabled: secret !== '',
    staleTime: Infinity,
    retry: false,
  })
  return (
    <Door title={t('join.title')} deskName={who.data?.deskName ?? 'Amanat'}>
      {secret === '' ? (
        <Notice tone="asks" title={t('join.noSecret')}>
          <p>{t('join.noSecretHint')}</p>
        </Notice>
      ) : (
        <Reading of={invitation}>
          {(open) => (
            <Accept
              secret={secret}
              kind={open.kind}
              name={open.name}
              roles={open.roles}
              until={open.expiresAt}
            />
          )}
        </Reading>
      )}
    </Door>
  )
}

function Accept(props: {
  secret: string
  kind: string
  name: string
  roles: readonly string[]
  until: string
}): ReactNode {
  const t = useTranslate()
  const word = useWord()
  const navigate = useNavigate()
  const [differ, setDiffer] = useState(false)
  const reset = props.kind === 'reset'
  return (
    <>
      <p>
        {t(reset ? 'join.reset' : props.kind === 'first-administrator' ? 'join.first' : 'join.invited', {
          roles: props.roles.map((role) => word('role', role)).join(t('list.comma')),
        })}
      </p>
      <p className="quiet small">
        {t('join.until')} <When at={props.until} />
      </p>
      <Form
        submit={t('join.submit')}
        act={async (sent) => {
          const password = sent.exact('password')
          setDiffer(password !== sent.exact('again'))
          if (password !== sent.exact('again')) throw new Error(t('join.differ'))
          const names = reset ? {} : { name: sent.text('name'), signInName: sent.text('signInName') }
          await call('POST /api/invitations/accept', { body: { secret: props.secret, password, ...names } })
          await queries.invalidateQueries({ queryKey: ['GET /api/session', null] })
          await navigate({ to: '/', hash: '' })
        }}
      >
        {reset ? null : (
          <>
            <TextField
              label={t('join.name')}
              name="name"
              defaultValue={props.kind === 'join' ? props.name : ''}
              required
              autoComplete="name"
            />
            <TextField
              label={t('signIn.name')}
              hint={t('join.signInNameHint')}
              name="signInName"
              required
              minLength={3}
              autoComplete="username"
            />
          </>
        )}
        <TextField
          label={t('join.password')}
          hint={t('join.passwordHint')}
          name="password"
          type="password"
          required
          minLength={12}
          autoComplete="new-password"
        />
        <TextField
          label={t('join.again')}
          name="again"
          type="password"
          required
          autoComplete="new-password"
          aria-invalid={differ}
        />
      </Form>
    </>
  )
}
