import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { call, queries, useAnswer } from '../app/call.ts'
import { useSession } from '../app/session.ts'
import { useTranslate, useWord } from '../language/translate.ts'
import { FormDialog, LongField } from '../ui/form.tsx'
import { Reading } from '../ui/states.tsx'
import { Chip, When, Written } from '../ui/values.tsx'

/** Erasures are decided where their items are named; approving one is what carries it out. */
const ERASE = 'evidence.erase'

/** Acts that two people must agree to: what waits, and what was decided. */
export function Approvals(): ReactNode {
  const t = useTranslate()
  const word = useWord()
  const { person } = useSession()
  const approvals = useAnswer('GET /api/approvals')
  const why = <LongField label={t('field.why')} name="why" required minLength={3} />
  return (
    <Reading of={approvals}>
      {({ approvals: list }) =>
        list.length === 0 ? (
          <p className="quiet">{t('approvals.none')}</p>
        ) : (
          <ul className="stack">
            {list.map((approval) => (
              <li key={approval.id} className="sheet">
                <div className="row spread">
                  <strong>{wordedAct(word, approval)}</strong>
                  <Chip tone={approval.state === 'proposed' ? 'asks' : undefined}>
                    {word('approval', approval.state)}
                  </Chip>
                </div>
                <p>
                  <Written>{approval.why}</Written>
                </p>
                <p className="quiet small">
                  {t('approvals.by', { name: approval.proposedBy.name })} · <When at={approval.proposedAt} />
                </p>
                {approval.state === 'proposed' && approval.act === ERASE ? (
                  <Link to="/audit/erasures">{t('erasure.decideThere')}</Link>
                ) : approval.state === 'proposed' ? (
                  <div className="row">
                    {approval.proposedBy.id === person?.id ? (
                      <>
                        <span className="quiet">{t('approvals.another')}</span>
                        <FormDialog
                          button={t('people.withdraw')}
                          title={t('people.withdraw')}
                          submit={t('people.withdraw')}
                          act={async () => {
                            await call('POST /api/approvals/:id/withdraw', { params: { id: approval.id } })
                            await queries.invalidateQueries()
                          }}
                        >
                          <p>{t('approvals.withdrawHint')}</p>
                        </FormDialog>
                      </>
                    ) : (
                      (['approve', 'decline'] as const).map((decision) => (
                        <FormDialog
                          key={decision}
                          button={t(`approvals.${decision}`)}
                          title={t(`approvals.${decision}`)}
                          submit={t(`approvals.${decision}`)}
                          act={async (sent) => {
                            await call(`POST /api/approvals/:id/${decision}`, {
                              params: { id: approval.id },
                              body: { why: sent.text('why') },
                            })
                            await queries.invalidateQueries()
                          }}
                        >
                          {why}
                        </FormDialog>
                      ))
                    )}
                  </div>
                ) : null}
              </li>
            ))}
          </ul>
        )
      }
    </Reading>
  )
}

/** The act in the reader's language; one that the catalogue lacks in the server's words. */
function wordedAct(
  word: (group: string, word: string) => string,
  approval: { act: string; summary: string },
): ReactNode {
  const said = word('act', approval.act)
  return said === approval.act ? <Written>{approval.summary}</Written> : said
}
