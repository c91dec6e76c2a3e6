import type { ReactNode } from 'react'
import { addressOf, call, CallFailed, queries } from '../app/call.ts'
import { useMay } from '../app/session.ts'
import { ProposeErasure } from '../integrity/propose-erasure.tsx'
import { useTranslate, useWord } from '../language/translate.ts'
import { Choose, FormDialog, LongField, TextField, TickSeveral } from '../ui/form.tsx'
import type { Item } from './item.ts'
import { CLASSES, FLAGS, oneOf } from './words.ts'

/** What this person may do with this item. The server decides again. */
export function ItemActs(props: { of: Item }): ReactNode {
  const t = useTranslate()
  const may = useMay()
  const { of } = props
  const params = { id: of.id }
  return (
    <>
      {of.mayDownload ? (
        <a className="button" href={addressOf('GET /api/items/:id/working-copy', { params })} download>
          {t('item.workingCopy')}
        </a>
      ) : null}
      {of.mayOriginal ? <Original of={of} /> : null}
      {may('item.certify') && of.registrationNumber ? (
        <a className="button" href={addressOf('GET /api/items/:id/certificate', { params })} download>
          {t('item.certificate')}
        </a>
      ) : null}
      {of.mayRegister && of.state === 'received' ? <RegisterOne of={of} /> : null}
      {of.mayDescribe ? <Describe of={of} /> : null}
      {of.mayHold ? <Hold of={of} /> : null}
      {may('item.erase') ? <ProposeErasure items={[of.id]} /> : null}
    </>
  )
}

function Original(props: { of: Item }): ReactNode {
  const t = useTranslate()
  return (
    <FormDialog
      button={t('item.original')}
      title={t('item.original')}
      submit={t('item.originalGet')}
      act={(sent) => {
        location.assign(
          addressOf('GET /api/items/:id/original', {
            params: { id: props.of.id },
            query: { reason: sent.text('reason') },
          }),
        )
        return Promise.resolve()
      }}
    >
      <p>{t('item.originalHint')}</p>
      <LongField label={t('field.why')} name="reason" required minLength={3} />
    </FormDialog>
  )
}

function RegisterOne(props: { of: Item }): ReactNode {
  const t = useTranslate()
  return (
    <FormDialog
      button={t('registration.submit')}
      title={t('registration.submit')}
      submit={t('registration.submit')}
      tone="first"
      act={async (sent) => {
        const note = sent.text('note')
        const { refused } = await call('POST /api/items/register', {
          body: { items: [props.of.id], ...(note ? { note } : {}) },
        })
        if (refused[0]) throw new CallFailed(409, refused[0].code, refused[0].words, {}, null)
        await queries.invalidateQueries()
      }}
    >
      <p className="quiet">{t('registration.numbers')}</p>
      <LongField label={t('field.note')} name="note" maxLength={2000} />
    </FormDialog>
  )
}

function Hold(props: { of: Item }): ReactNode {
  const t = useTranslate()
  const held = props.of.legalHold
  return (
    <FormDialog
      button={t(held ? 'item.liftHold' : 'item.putHold')}
      title={t(held ? 'item.liftHold' : 'item.putHold')}
      submit={t(held ? 'item.liftHold' : 'item.putHold')}
      act={async (sent) => {
        await call('POST /api/items/:id/hold', {
          params: { id: props.of.id },
          body: { hold: !held, reason: sent.text('reason') },
        })
        await queries.invalidateQueries()
      }}
    >
      <p className="quiet">{t('item.holdHint')}</p>
      <LongField label={t('field.why')} name="reason" required minLength={3} />
    </FormDialog>
  )
}

function Describe(props: { of: Item }): ReactNode {
  const t = useTranslate()
  const word = useWord()
  const { of } = props
  const params = { id: of.id }
  return (
    <FormDialog
      button={t('item.describe')}
      title={t('item.describe')}
      submit={t('action.save')}
      act={async (sent) => {
        const reason = sent.text('reason')
        const classification = oneOf(CLASSES, sent.text('classification')) ?? of.classification
        const flags = FLAGS.filter((flag) => sent.several('flags').includes(flag))
        if (classification !== of.classification)
          await call('POST /api/items/:id/classification', { params, body: { classification, reason } })
        if (flags.join() !== FLAGS.filter((flag) => of.flags.includes(flag)).join())
          await call('POST /api/items/:id/flags', { params, body: { flags, reason } })
        const [name, value, date] = [sent.text('field'), sent.text('value'), sent.text('date')]
        const dated = date !== (of.contentDate?.written ?? '')
        if (name || dated)
          await call('POST /api/items/:id/description', {
            params,
            body: {
              fields: name ? [{ name, value }] : [],
              reason,
              ...(dated ? { contentDate: date || null } : {}),
            },
          })
        await queries.invalidateQueries()
      }}
    >
      <Choose
        label={t('collection.classification')}
        name="classification"
        defaultValue={of.classification}
        options={CLASSES.map((one) => [one, word('class', one)])}
      />
      <TickSeveral
        legend={t('item.flags')}
        name="flags"
        options={FLAGS.map((flag) => [flag, word('flag', flag)])}
        chosen={of.flags}
      />
      <TextField
        label={t('item.contentDate')}
        hint={t('item.contentDateHint')}
        name="date"
        maxLength={20}
        defaultValue={of.contentDate?.written ?? ''}
      />
      <div className="row bottom">
        <div className="grow">
          <TextField label={t('item.fieldName')} name="field" maxLength={200} />
        </div>
        <div className="grow">
          <TextField label={t('item.fieldValue')} name="value" maxLength={10000} />
        </div>
      </div>
      <LongField label={t('field.why')} name="reason" required minLength={3} />
    </FormDialog>
  )
}
