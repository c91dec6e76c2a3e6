import { type ReactNode, useState } from 'react'
import { Button } from 'react-aria-components'
import { call, queries, type Said, useAnswer } from '../app/call.ts'
import { useMay } from '../app/session.ts'
import { useTranslate } from '../language/translate.ts'
import { Choose, FormDialog, LongField, TextField } from '../ui/form.tsx'
import { Facts, Sheet } from '../ui/page.tsx'
import { Notice } from '../ui/states.tsx'
import { Written } from '../ui/values.tsx'

export type Source = Said<'GET /api/sources/:id'>
type Identity = Said<'GET /api/sources/:id/identity'>

/** Who a source is: shown only when asked for with a reason, to those who may, and kept in this window's memory alone. */
export function SourceIdentity(props: { of: Source }): ReactNode {
  const t = useTranslate()
  const may = useMay()
  const [shown, setShown] = useState<Identity | null>(null)
  const { of } = props
  return (
    <Sheet title={t('identity.title')}>
      <p>{t(of.hasIdentity ? 'identity.kept' : 'identity.notKept')}</p>
      {may('source.identity') ? (
        <>
          {shown ? <Shown of={shown} hide={() => setShown(null)} /> : null}
          <div className="row">
            {of.hasIdentity && !shown ? <Read of={of} read={setShown} /> : null}
            <Keep of={of} kept={() => setShown(null)} />
          </div>
        </>
      ) : (
        <p className="quiet">{t('identity.notYours')}</p>
      )}
    </Sheet>
  )
}

function Shown(props: { of: Identity; hide: () => void }): ReactNode {
  const t = useTranslate()
  const { of } = props
  return (
    <Notice tone="asks" title={t('identity.shown')}>
      <Facts
        of={[
          [t('list.name'), <Written key="n">{of.name}</Written>],
          [t('identity.contact'), of.contact ? <Written key="c">{of.contact}</Written> : null],
          [t('field.note'), of.note ? <Written key="o">{of.note}</Written> : null],
        ]}
      />
      <Button className="button" onPress={props.hide}>
        {t('identity.hide')}
      </Button>
    </Notice>
  )
}

function Read(props: { of: Source; read: (identity: Identity) => void }): ReactNode {
  const t = useTranslate()
  return (
    <FormDialog
      button={t('identity.read')}
      title={t('identity.read')}
      submit={t('identity.read')}
      act={async (sent) => {
        props.read(
          await call('GET /api/sources/:id/identity', {
            params: { id: props.of.id },
            query: { reason: sent.text('reason') },
          }),
        )
      }}
    >
      <p>{t('identity.readHint')}</p>
      <LongField label={t('field.why')} name="reason" required minLength={3} maxLength={2000} />
    </FormDialog>
  )
}

function Keep(props: { of: Source; kept: () => void }): ReactNode {
  const t = useTranslate()
  const compartments = useAnswer('GET /api/compartments')
  const own = (compartments.data?.compartments ?? []).filter(
    (one) => one.mine && one.kind === 'source-identity',
  )
  return (
    <FormDialog
      button={t('identity.keep')}
      title={t('identity.keep')}
      submit={t('action.save')}
      act={async (sent) => {
        await call('PUT /api/sources/:id/identity', {
          params: { id: props.of.id },
          body: {
            name: sent.text('name'),
            contact: sent.text('contact'),
            note: sent.text('note'),
            compartmentId: sent.text('compartment'),
          },
        })
        props.kept()
        await queries.invalidateQueries()
      }}
    >
      <p className="quiet">{t('identity.keepHint')}</p>
      {compartments.isSuccess && own.length === 0 ? (
        <Notice tone="asks">
          <p>{t('identity.noCompartment')}</p>
        </Notice>
      ) : null}
      <TextField label={t('list.name')} name="name" required maxLength={300} autoComplete="off" />
      <LongField label={t('identity.contact')} name="contact" maxLength={2000} />
      <LongField label={t('field.note')} name="note" maxLength={4000} />
      <Choose
        label={t('collection.compartment')}
        name="compartment"
        required
        options={own.map(({ id, name }) => [id, name])}
      />
    </FormDialog>
  )
}
