import { type ReactNode, useState } from 'react'
import { Button, Tab, TabList, TabPanel, Tabs } from 'react-aria-components'
import type { Account } from '../../../contract/identity.ts'
import { call, queries, useAnswer } from '../app/call.ts'
import { prefer, usePreferences } from '../language/preferences.ts'
import { useTranslate, useWord } from '../language/translate.ts'
import { Choose, Form, FormDialog, TextField } from '../ui/form.tsx'
import { Facts, Page, Sheet } from '../ui/page.tsx'
import { Failure, Reading } from '../ui/states.tsx'
import { Chip, When, Written } from '../ui/values.tsx'
import { addPasskey } from './passkey.ts'
import { SessionTable } from './session-table.tsx'
import { westernDigits } from './sign-in-page.tsx'

/** One's own account: how one signs in, where one is signed in, how one reads. */
export function AccountPage(): ReactNode {
  const t = useTranslate()
  const account = useAnswer('GET /api/account')
  return (
    <Page title={t('area.account')} actions={<SignOut />}>
      <Reading of={account}>
        {(mine) => (
          <Tabs className="tabs">
            <TabList aria-label={t('area.account')}>
              <Tab id="me">{t('account.me')}</Tab>
              <Tab id="ways">{t('account.ways')}</Tab>
              <Tab id="sessions">{t('account.sessions')}</Tab>
              <Tab id="tokens">{t('account.tokens')}</Tab>
            </TabList>
            <TabPanel id="me" className="stack">
              <Me of={mine} />
            </TabPanel>
            <TabPanel id="ways" className="sheets">
              <Password />
              <OneTimeCode on={mine.totp} />
              <Passkeys of={mine} />
            </TabPanel>
            <TabPanel id="sessions">
              <SessionTable
                sessions={mine.sessions}
                end={(id) => call('DELETE /api/account/sessions/:id', { params: { id } })}
              />
            </TabPanel>
            <TabPanel id="tokens">
              <Tokens of={mine} />
            </TabPanel>
          </Tabs>
        )}
      </Reading>
    </Page>
  )
}

function SignOut(): ReactNode {
  const t = useTranslate()
  const leave = async (): Promise<void> => {
    await call('POST /api/session/end')
    // What was read stays in no memory: the next person at this machine begins with nothing.
    queries.clear()
    location.assign('/')
  }
  return (
    <Button className="button" onPress={() => void leave()}>
      {t('account.signOut')}
    </Button>
  )
}

function Me(props: { of: Account }): ReactNode {
  const t = useTranslate()
  const word = useWord()
  const { person, signInName, roles, compartments } = props.of
  return (
    <div className="sheets">
      <Sheet title={t('account.me')}>
        <Facts
          of={[
            [t('person.name'), <Written key="n">{person.name}</Written>],
            [t('signIn.name'), signInName ? <Written key="s">{signInName}</Written> : null],
            [t('person.roles'), roles.map((role) => word('role', role)).join(t('list.comma'))],
            [
              t('person.compartments'),
              compartments.map(({ name }) => name).join(t('list.comma')) || t('value.none'),
            ],
          ]}
        />
      </Sheet>
      <Reads />
    </div>
  )
}

function Reads(): ReactNode {
  const t = useTranslate()
  const chosen = usePreferences()
  return (
    <Sheet title={t('account.reading')}>
      <p className="quiet small">{t('account.readingHint')}</p>
      <Choose
        label={t('account.language')}
        value={chosen.language}
        onChange={({ target }) => prefer({ language: target.value === 'prs' ? 'prs' : 'en' })}
        options={[
          ['en', 'English'],
          ['prs', 'دری'],
        ]}
      />
      <Choose
        label={t('account.calendar')}
        value={chosen.calendar}
        onChange={({ target }) =>
          prefer({ calendar: target.value === 'gregorian' ? 'gregorian' : 'solar-hijri' })
        }
        options={[
          ['gregorian', t('calendar.gregorian')],
          ['solar-hijri', t('calendar.solar-hijri')],
        ]}
      />
      <Choose
        label={t('account.numerals')}
        value={chosen.numerals}
        onChange={({ target }) => prefer({ numerals: target.value === 'western' ? 'western' : 'language' })}
        options={[
          ['language', t('account.numeralsLanguage')],
          ['western', t('account.numeralsWestern')],
        ]}
      />
      <Choose
        label={t('account.theme')}
        value={chosen.theme}
        onChange={({ target }) =>
          prefer({ theme: target.value === 'light' ? 'light' : target.value === 'dark' ? 'dark' : 'auto' })
        }
        options={[
          ['auto', t('theme.auto')],
          ['light', t('theme.light')],
          ['dark', t('theme.dark')],
        ]}
      />
    </Sheet>
  )
}

function Password(): ReactNode {
  const t = useTranslate()
  const [changed, setChanged] = useState(false)
  return (
    <Sheet title={t('account.password')}>
      <Form
        submit={t('account.changePassword')}
        done={() => setChanged(true)}
        act={(sent) =>
          call('POST /api/account/password', {
            body: { current: sent.exact('current'), next: sent.exact('next') },
          })
        }
      >
        <TextField
          label={t('account.current')}
          name="current"
          type="password"
          required
          autoComplete="current-password"
        />
        <TextField
          label={t('join.password')}
          hint={t('join.passwordHint')}
          name="next"
          type="password"
          required
          minLength={12}
          autoComplete="new-password"
        />
      </Form>
      <p role="status">{changed ? t('account.passwordChanged') : ''}</p>
    </Sheet>
  )
}

function OneTimeCode(props: { on: boolean }): ReactNode {
  const t = useTranslate()
  const [offer, setOffer] = useState<{ secret: string; uri: string } | null>(null)
  const [failed, setFailed] = useState<unknown>(null)
  const begin = (): void => {
    setFailed(null)
    call('POST /api/account/totp').then(setOffer, setFailed)
  }
  const settle = async (): Promise<void> => {
    setOffer(null)
    await queries.invalidateQueries()
  }
  return (
    <Sheet
      title={t('account.totp')}
      actions={<Chip tone={props.on ? 'lapis' : 'asks'}>{t(props.on ? 'value.on' : 'value.off')}</Chip>}
    >
      <p className="quiet">{t('account.totpHint')}</p>
      <Failure error={failed} />
      {props.on ? (
        <FormDialog
          button={t('account.totpRemove')}
          title={t('account.totpRemove')}
          submit={t('account.totpRemove')}
          act={async (sent) => {
            await call('POST /api/account/totp/remove', { body: { password: sent.exact('password') } })
            await settle()
          }}
        >
          <TextField
            label={t('signIn.password')}
            name="password"
            type="password"
            required
            autoComplete="current-password"
          />
        </FormDialog>
      ) : offer ? (
        <Form
          submit={t('account.totpConfirm')}
          act={async (sent) => {
            await call('POST /api/account/totp/confirm', { body: { code: westernDigits(sent.text('code')) } })
            await settle()
          }}
        >
          <p>{t('account.totpSecret')}</p>
          <p>
            <bdi className="mono">{offer.secret.replace(/(.{4})/g, '$1 ').trim()}</bdi>
          </p>
          <p>
            <a href={offer.uri}>{t('account.totpOpen')}</a>
          </p>
          <TextField
            label={t('signIn.code')}
            name="code"
            inputMode="numeric"
            autoComplete="one-time-code"
            required
          />
        </Form>
      ) : (
        <div>
          <Button className="button" onPress={begin}>
            {t('account.totpBegin')}
          </Button>
        </div>
      )}
    </Sheet>
  )
}

function Passkeys(props: { of: Account }): ReactNode {
  const t = useTranslate()
  return (
    <Sheet title={t('account.passkeys')}>
      <p className="quiet">{t('account.passkeysHint')}</p>
      <ul className="stack">
        {props.of.passkeys.map((key) => (
          <li key={key.id} className="row spread">
            <span>
              <Written>{key.name}</Written>{' '}
              <span className="quiet small">
                <When at={key.lastUsedAt ?? key.createdAt} />
              </span>
            </span>
            <FormDialog
              button={t('action.remove')}
              title={t('account.passkeyRemove', { name: key.name })}
              submit={t('action.remove')}
              act={async () => {
                await call('DELETE /api/account/passkeys/:id', { params: { id: key.id } })
                await queries.invalidateQueries()
              }}
            >
              <p>{t('account.passkeyRemoveHint')}</p>
            </FormDialog>
          </li>
        ))}
      </ul>
      <Form
        submit={t('account.passkeyAdd')}
        act={async (sent) => {
          await addPasskey(sent.text('name'))
          await queries.invalidateQueries()
        }}
      >
        <TextField label={t('account.passkeyName')} name="name" required maxLength={120} />
      </Form>
    </Sheet>
  )
}

function Tokens(props: { of: Account }): ReactNode {
  const t = useTranslate()
  const [made, setMade] = useState<string | null>(null)
  return (
    <Sheet title={t('account.tokens')}>
      <p className="quiet">{t('account.tokensHint')}</p>
      {made ? (
        <div className="notice asks" role="status">
          <h3>{t('account.tokenOnce')}</h3>
          <bdi className="mono">{made}</bdi>
        </div>
      ) : null}
      <ul className="stack">
        {props.of.tokens.map((token) => (
          <li key={token.id} className="row spread">
            <span>
              <Written>{token.name}</Written>{' '}
              <span className="quiet small">
                {t('account.until')} <When at={token.expiresAt} time={false} />
              </span>
            </span>
            <FormDialog
              button={t('action.revoke')}
              title={t('account.tokenRevoke', { name: token.name })}
              submit={t('action.revoke')}
              act={async () => {
                await call('DELETE /api/account/tokens/:id', { params: { id: token.id } })
                await queries.invalidateQueries()
              }}
            >
              <p>{t('account.tokenRevokeHint')}</p>
            </FormDialog>
          </li>
        ))}
      </ul>
      <Form
        submit={t('account.tokenMake')}
        act={async (sent) => {
          const { token } = await call('POST /api/account/tokens', {
            body: { name: sent.text('name'), days: Number(sent.text('days')) },
          })
          setMade(token)
          await queries.invalidateQueries()
        }}
      >
        <div className="row bottom">
          <div className="grow">
            <TextField label={t('account.tokenName')} name="name" required maxLength={120} />
          </div>
          <TextField
            label={t('account.days')}
            name="days"
            type="number"
            min={1}
            max={366}
            defaultValue={90}
            required
          />
        </div>
      </Form>
    </Sheet>
  )
}
