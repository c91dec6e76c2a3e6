import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { call, queries, type Said, useAnswer } from '../app/call.ts'
import { useSession } from '../app/session.ts'
import { useTranslate, useWord } from '../language/translate.ts'
import { FormDialog } from '../ui/form.tsx'
import { Facts, Page } from '../ui/page.tsx'
import { Empty, Notice, Reading } from '../ui/states.tsx'
import { Chip, RegistrationNumber, When, Written } from '../ui/values.tsx'

type Erasure = Said<'GET /api/erasures'>['erasures'][number]

const TONES = {
  proposed: 'asks',
  approved: 'asks',
  done: undefined,
  withdrawn: undefined,
  failed: 'failed',
} as const
const SHOWN_ITEMS = 12

/** Erasures proposed, approved, carried out; each with its basis, its two people and the copies still unconfirmed. */
export function ErasuresPage(): ReactNode {
  const t = useTranslate()
  const erasures = useAnswer('GET /api/erasures', undefined, {
    everyMs: (last) => (last?.erasures.some(({ state }) => state === 'approved') ? 2_000 : 15_000),
  })
  return (
    <Page
      title={t('erasure.title')}
      crumbs={[{ label: t('area.audit'), to: '/audit' }, { label: t('erasure.title') }]}
    >
      <p className="quiet">{t('erasure.hint')}</p>
      <Reading of={erasures}>
        {({ erasures: list }) =>
          list.length === 0 ? (
            <Empty title={t('erasure.none')} hint={t('erasure.noneHint')} />
          ) : (
            <ul className="stack">
              {list.map((erasure) => (
                <li key={erasure.id}>
                  <One of={erasure} />
                </li>
              ))}
            </ul>
          )
        }
      </Reading>
    </Page>
  )
}

function One(props: { of: Erasure }): ReactNode {
  const t = useTranslate()
  const word = useWord()
  const { of } = props
  return (
    <article className="sheet">
      <div className="row spread">
        <h2>{t('erasure.items', { count: of.itemIds.length })}</h2>
        <Chip tone={TONES[of.state]}>{word('erasureState', of.state)}</Chip>
      </div>
      <Items of={of} />
      <Facts
        of={[
          [t('erasure.legalBasis'), <Written key="b">{of.legalBasis}</Written>],
          [
            t('erasure.proposedBy'),
            <span key="p">
              <Written>{of.proposedBy}</Written> · <When at={of.proposedAt} both />
            </span>,
          ],
          [t('erasure.approvedBy'), of.approvedBy ? <Written key="a">{of.approvedBy}</Written> : null],
        ]}
      />
      {of.state === 'approved' ? <Notice title={t('erasure.running')} /> : null}
      {of.state === 'failed' ? <Notice tone="failed" title={t('erasure.failedHint')} /> : null}
      <Copies of={of} />
      {of.state === 'proposed' ? <Decide of={of} /> : null}
    </article>
  )
}

function Items(props: { of: Erasure }): ReactNode {
  const t = useTranslate()
  const { itemIds, registrationNumbers } = props.of
  const shown = itemIds.slice(0, SHOWN_ITEMS)
  return (
    <p className="row">
      {shown.map((id, at) => {
        const number = registrationNumbers[at]
        return (
          <Link key={id} to={`/items/${id}`}>
            {number ? <RegistrationNumber number={number} /> : t('item.notRegistered')}
          </Link>
        )
      })}
      {itemIds.length > shown.length ? t('change.andMore', { count: itemIds.length - shown.length }) : null}
    </p>
  )
}

/** Old copies of the keys could still open what was erased: each is named until somebody replaced it. */
function Copies(props: { of: Erasure }): ReactNode {
  const t = useTranslate()
  const { unconfirmedCopies } = props.of
  if (unconfirmedCopies.length === 0) return null
  return (
    <Notice tone="asks" title={t('erasure.copies', { count: unconfirmedCopies.length })}>
      <p>{t('erasure.copiesHint')}</p>
      <ul>
        {unconfirmedCopies.map((copy) => (
          <li key={copy} className="small">
            <bdi dir="ltr" lang="en">
              {copy}
            </bdi>
          </li>
        ))}
      </ul>
    </Notice>
  )
}

function Decide(props: { of: Erasure }): ReactNode {
  const t = useTranslate()
  const { person } = useSession()
  const { of } = props
  const act = (route: 'POST /api/erasures/:id/approve' | 'POST /api/erasures/:id/withdraw') => async () => {
    await call(route, { params: { id: of.id } })
    await queries.invalidateQueries()
  }
  // Who proposed stands, by id, in the approval; where it is oneself, approving would be refused and is not offered.
  const approvals = useAnswer('GET /api/approvals')
  const proposal = approvals.data?.approvals.find(({ subjectId }) => subjectId === of.id)
  if (approvals.isPending) return null
  const own = proposal ? proposal.proposedBy.id === person?.id : of.proposedBy === person?.name
  return (
    <div className="row">
      {own ? (
        <>
          <span className="quiet">{t('approvals.another')}</span>
          <FormDialog
            button={t('people.withdraw')}
            title={t('people.withdraw')}
            submit={t('people.withdraw')}
            act={act('POST /api/erasures/:id/withdraw')}
          >
            <p>{t('approvals.withdrawHint')}</p>
          </FormDialog>
        </>
      ) : (
        <FormDialog
          button={t('erasure.approve')}
          title={t('erasure.approve')}
          submit={t('erasure.approve')}
          tone="destroys"
          act={act('POST /api/erasures/:id/approve')}
        >
          <p>{t('erasure.approveHint')}</p>
          <Facts
            of={[
              [t('erasure.legalBasis'), <Written key="b">{of.legalBasis}</Written>],
              [t('erasure.what'), t('erasure.items', { count: of.itemIds.length })],
            ]}
          />
        </FormDialog>
      )}
    </div>
  )
}
