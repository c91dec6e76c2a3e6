import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useEffect, useState } from 'react'
import { Button } from 'react-aria-components'
import type { WhoAmI } from '../../../contract/identity.ts'
import { call } from '../app/call.ts'
import { LanguageSwitch, ThemeSwitch } from '../app/switches.tsx'
import { useTranslate } from '../language/translate.ts'
import { Form, TextField } from '../ui/form.tsx'
import { Failure } from '../ui/states.tsx'
import { signInWithPasskey } from './passkey.ts'

/** The door: name and password, then a code or a passkey; or a passkey alone. */
export function SignInPage(props: { who: WhoAmI }): ReactNode {
  const t = useTranslate()
  const client = useQueryClient()
  useEffect(() => {
    document.title = `${t('signIn.title')} · Amanat`
  }, [t])
  const entered = (): Promise<void> => client.invalidateQueries()
  return (
    <Door
      title={props.who.secondFactorNeeded ? t('signIn.secondStep') : t('signIn.title')}
      deskName={props.who.deskName}
    >
      {props.who.secondFactorNeeded ? <SecondStep entered={entered} /> : <FirstStep entered={entered} />}
      <Passkey entered={entered} />
      {props.who.secondFactorNeeded ? null : <p className="quiet small">{t('signIn.lost')}</p>}
    </Door>
  )
}

export function Door(props: { title: string; deskName: string; children: ReactNode }): ReactNode {
  return (
    <main className="door">
      <div className="row spread">
        <span className="row">
          <img src="/mark.svg" width={36} height={36} alt="" />
          <strong dir="auto">{props.deskName}</strong>
        </span>
        <span className="row">
          <LanguageSwitch />
          <ThemeSwitch />
        </span>
      </div>
      <h1>{props.title}</h1>
      {props.children}
    </main>
  )
}

function FirstStep(props: { entered: () => Promise<void> }): ReactNode {
  const t = useTranslate()
  return (
    <Form
      submit={t('signIn.submit')}
      act={async (sent) => {
        await call('POST /api/session/password', {
          body: { signInName: sent.text('name'), password: sent.exact('password') },
        })
        await props.entered()
      }}
    >
      <TextField label={t('signIn.name')} name="name" autoComplete="username" required autoFocus />
      <TextField
        label={t('signIn.password')}
        name="password"
        type="password"
        autoComplete="current-password"
        required
      />
    </Form>
  )
}

function SecondStep(props: { entered: () => Promise<void> }): ReactNode {
  const t = useTranslate()
  return (
    <Form
      submit={t('signIn.submit')}
      act={async (sent) => {
        await call('POST /api/session/totp', { body: { code: westernDigits(sent.text('code')) } })
        await props.entered()
      }}
    >
      <TextField
        label={t('signIn.code')}
        hint={t('signIn.codeHint')}
        name="code"
        inputMode="numeric"
        autoComplete="one-time-code"
        required
        autoFocus
      />
    </Form>
  )
}

function Passkey(props: { entered: () => Promise<void> }): ReactNode {
  const t = useTranslate()
  const [failed, setFailed] = useState<unknown>(null)
  const enter = async (): Promise<void> => {
    setFailed(null)
    try {
      await signInWithPasskey()
      await props.entered()
    } catch (error) {
      setFailed(error)
    }
  }
  return (
    <div className="stack">
      <Failure error={failed} />
      <div>
        <Button className="button" onPress={() => void enter()}>
          {t('signIn.passkey')}
        </Button>
      </div>
    </div>
  )
}

/** A code typed on a Persian or Arabic keyboard is the same code. */
export function westernDigits(text: string): string {
  return text
    .replace(/[۰-۹]/g, (digit) => String(digit.charCodeAt(0) - 0x06f0))
    .replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x0660))
    .replace(/\s/g, '')
}
