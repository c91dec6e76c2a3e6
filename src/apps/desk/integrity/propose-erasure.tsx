import { useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { call, queries } from '../app/call.ts'
import { useTranslate } from '../language/translate.ts'
import { FormDialog, LongField } from '../ui/form.tsx'

/** Proposes to erase items with everything that came out of them. Nothing happens until a second person approves. */
export function ProposeErasure(props: { items: readonly string[]; done?: () => void }): ReactNode {
  const t = useTranslate()
  const navigate = useNavigate()
  const count = props.items.length
  return (
    <FormDialog
      button={t('erasure.propose', { count })}
      title={t('erasure.propose', { count })}
      submit={t('erasure.proposeSubmit')}
      tone="destroys"
      disabled={count === 0}
      act={async (sent) => {
        await call('POST /api/erasures', {
          body: { itemIds: [...props.items], legalBasis: sent.text('legalBasis') },
        })
        props.done?.()
        await queries.invalidateQueries()
        await navigate({ to: '/audit/erasures' })
      }}
    >
      <p>{t('erasure.proposeHint')}</p>
      <LongField
        label={t('erasure.legalBasis')}
        hint={t('erasure.legalBasisHint')}
        name="legalBasis"
        required
        minLength={3}
        maxLength={2000}
      />
    </FormDialog>
  )
}
