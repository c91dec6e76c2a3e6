import { type ReactNode, useState } from 'react'
import { call, queries } from '../app/call.ts'
import { usePages } from '../app/pages.ts'
import { useMay } from '../app/session.ts'
import { useTranslate, useWord } from '../language/translate.ts'
import { FormDialog, LongField } from '../ui/form.tsx'
import { Listing } from '../ui/listing.tsx'
import { Page } from '../ui/page.tsx'
import { Empty } from '../ui/states.tsx'
import { ItemTable } from './item-table.tsx'
import { type StateChange, StateChangeNotice } from './state-change.tsx'

/** What may not be registered yet, each with its reason: released or returned, with a reason given. */
export function QuarantinePage(): ReactNode {
  const t = useTranslate()
  const word = useWord()
  const may = useMay()
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [change, setChange] = useState<StateChange | null>(null)
  const items = usePages('GET /api/quarantine', { query: { limit: 50 } })
  const decide = (decision: 'release' | 'return'): ReactNode => (
    <FormDialog
      button={t(`quarantine.${decision}`)}
      title={t(`quarantine.${decision}`)}
      submit={t(`quarantine.${decision}`)}
      disabled={chosen.size === 0}
      act={async (sent) => {
        const result = await call('POST /api/quarantine/decide', {
          body: { items: [...chosen], decision, reason: sent.text('reason') },
        })
        setChange(result)
        setChosen(new Set())
        await queries.invalidateQueries()
      }}
    >
      <p className="quiet">{t(`quarantine.${decision}Hint`)}</p>
      <LongField label={t('field.why')} name="reason" required minLength={3} />
    </FormDialog>
  )
  return (
    <Page
      title={t('quarantine.title')}
      crumbs={[{ label: t('registration.title'), to: '/registration' }, { label: t('quarantine.title') }]}
      actions={
        may('item.register') ? (
          <>
            {decide('release')}
            {decide('return')}
          </>
        ) : null
      }
    >
      <p className="quiet">{t('quarantine.hint')}</p>
      <StateChangeNotice of={change} />
      <Listing
        of={items}
        rows={(page) => page.items}
        empty={<Empty title={t('quarantine.none')} hint={t('quarantine.noneHint')} />}
      >
        {(rows) => (
          <ItemTable
            rows={rows}
            choosing={{ chosen, change: setChosen }}
            extra={{
              heading: t('quarantine.reason'),
              cell: (row) => (
                <>
                  {row.quarantineReason ? word('quarantineReason', row.quarantineReason) : null}
                  <div className="quiet small" dir="auto">
                    {row.words}
                  </div>
                </>
              ),
            }}
          />
        )}
      </Listing>
    </Page>
  )
}
