import { type ReactNode } from 'react'
import { call, queries, useAnswer } from '../app/call.ts'
import { useTranslate, useWord } from '../language/translate.ts'
import { Choose, FormDialog, LongField, TextField } from '../ui/form.tsx'
import { Notice } from '../ui/states.tsx'
import { oneOf, PERMISSION_WORDS, SOURCE_KINDS } from './words.ts'

/** Gives a source its code; the provider's permission is unknown until somebody says otherwise. */
export function NewSource(props: { tone?: 'first'; made?: (id: string) => Promise<void> | void }): ReactNode {
  const t = useTranslate()
  const word = useWord()
  const compartments = useAnswer('GET /api/compartments')
  const mine = (compartments.data?.compartments ?? []).filter(
    (one) => one.mine && one.kind !== 'source-identity',
  )
  return (
    <FormDialog
      button={t('source.create')}
      title={t('source.create')}
      submit={t('source.create')}
      {...(props.tone ? { tone: props.tone } : {})}
      act={async (sent) => {
        const { id } = await call('POST /api/sources', {
          body: {
            kind: oneOf(SOURCE_KINDS, sent.text('kind')) ?? 'other',
            provider: sent.text('provider') || null,
            compartmentId: sent.text('compartment'),
            permission: oneOf(PERMISSION_WORDS, sent.text('permission')) ?? 'unknown',
            terms: sent.text('terms') || null,
            note: sent.text('note'),
          },
        })
        await queries.invalidateQueries()
        await props.made?.(id)
      }}
    >
      <p className="quiet">{t('source.hint')}</p>
      {compartments.isSuccess && mine.length === 0 ? (
        <Notice tone="asks">
          <p>{t('collections.noCompartment')}</p>
        </Notice>
      ) : null}
      <Choose
        label={t('source.kind')}
        name="kind"
        options={SOURCE_KINDS.map((one) => [one, word('sourceKind', one)])}
      />
      <TextField label={t('source.provider')} name="provider" maxLength={300} />
      <Choose
        label={t('collection.compartment')}
        name="compartment"
        required
        options={mine.map(({ id, name }) => [id, name])}
      />
      <Choose
        label={t('item.permission')}
        name="permission"
        options={PERMISSION_WORDS.map((one) => [one, word('permission', one)])}
      />
      <LongField label={t('source.terms')} hint={t('source.termsHint')} name="terms" maxLength={4000} />
      <LongField label={t('field.note')} name="note" maxLength={4000} />
    </FormDialog>
  )
}
