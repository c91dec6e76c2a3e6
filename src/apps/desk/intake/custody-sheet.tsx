import type { ReactNode } from 'react'
import { useTranslate } from '../language/translate.ts'
import { LongField, type Sent, TextField } from '../ui/form.tsx'
import { Sheet } from '../ui/page.tsx'

/** Custody before the desk: who collected, when, where, how, with what, who held it before. */
export function CustodySheet(): ReactNode {
  const t = useTranslate()
  return (
    <Sheet title={t('intake.custody')}>
      <p className="quiet small">{t('intake.custodyHint')}</p>
      <TextField label={t('collect.by')} name="collectedBy" maxLength={500} />
      <TextField label={t('collect.at')} hint={t('collect.atHint')} name="collectedAt" maxLength={100} />
      <TextField label={t('collect.place')} name="place" maxLength={500} />
      <LongField label={t('collect.how')} name="how" maxLength={2000} />
      <div className="row bottom">
        <div className="grow">
          <TextField label={t('collect.tool')} name="tool" maxLength={200} />
        </div>
        <div className="grow">
          <TextField label={t('collect.toolVersion')} name="toolVersion" maxLength={100} />
        </div>
      </div>
      <LongField label={t('collect.priorHolders')} hint={t('collect.priorHoldersHint')} name="priorHolders" />
    </Sheet>
  )
}

/** What was written on the sheet; what was left empty is left out. */
export function custodyOf(sent: Sent): Record<string, string | string[]> {
  const custody: Record<string, string | string[]> = {}
  for (const name of ['collectedBy', 'collectedAt', 'place', 'how', 'tool', 'toolVersion'])
    if (sent.text(name)) custody[name] = sent.text(name)
  const holders = sent
    .text('priorHolders')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  if (holders.length > 0) custody['priorHolders'] = holders
  return custody
}
