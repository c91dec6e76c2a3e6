import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components'
import { useAnswer } from '../app/call.ts'
import { useMay } from '../app/session.ts'
import { GiveGrant } from '../identity/grant-table.tsx'
import { CheckPanel } from '../integrity/check-panel.tsx'
import { useTranslate, useWord } from '../language/translate.ts'
import { Page, PageReading } from '../ui/page.tsx'
import { Notice } from '../ui/states.tsx'
import { Chip, RegistrationNumber, Sealed } from '../ui/values.tsx'
import { Custody } from './custody.tsx'
import { ErasedItem } from './erased-item.tsx'
import type { Item } from './item.ts'
import { ItemActs } from './item-acts.tsx'
import { ItemKnown } from './item-known.tsx'
import { StateChip } from './item-table.tsx'
import { ItemText } from './item-text.tsx'
import { Kin } from './kin.tsx'

const TABS = ['known', 'text', 'parts', 'custody', 'check'] as const

/** One item: what it is, what is known and who said so, its text, its kin, its custody, its proof. */
export function ItemPage(): ReactNode {
  const t = useTranslate()
  const may = useMay()
  const { id = '' } = useParams({ strict: false }) as { id?: string }
  const item = useAnswer('GET /api/items/:id', { params: { id } })
  return (
    <PageReading of={item} title={t('item.title')}>
      {(found) =>
        found.state === 'disposed' ? (
          <ErasedItem of={found} />
        ) : (
          <Page
            title={found.name}
            crumbs={[
              { label: t('area.collections'), to: '/collections' },
              { label: found.collection.name, to: `/collections/${found.collection.id}` },
              ...found.parents.map(({ id: to, name }) => ({
                label: name.trim() || t('item.erasedName'),
                to: `/items/${to}`,
              })),
              { label: found.registrationNumber ?? found.name },
            ]}
            under={<Standing of={found} />}
            actions={
              <>
                <ItemActs of={found} />
                {may('grants.give') ? <GiveGrant subjectKind="item" subjectId={id} /> : null}
              </>
            }
          >
            <Complaints of={found} />
            <Views of={found} />
          </Page>
        )
      }
    </PageReading>
  )
}

/** The sides of an item; a thing has neither text nor bytes to check. */
function Views(props: { of: Item }): ReactNode {
  const t = useTranslate()
  const navigate = useNavigate()
  const search = useSearch({ strict: false }) as { tab?: string; label?: string }
  const tab = TABS.find((one) => one === search.tab) ?? 'known'
  const { of } = props
  return (
    <Tabs
      className="tabs"
      selectedKey={tab}
      onSelectionChange={(key) =>
        void navigate({ to: '.', search: { ...search, tab: String(key) } as never, replace: true })
      }
    >
      <TabList aria-label={t('item.views')}>
        <Tab id="known">{t('item.known')}</Tab>
        {of.kind === 'digital' ? <Tab id="text">{t('item.text')}</Tab> : null}
        <Tab id="parts">{t('item.kin')}</Tab>
        <Tab id="custody">{t('item.custody')}</Tab>
        {of.kind === 'digital' ? <Tab id="check">{t('item.check')}</Tab> : null}
      </TabList>
      <TabPanel id="known">
        <ItemKnown of={of} />
      </TabPanel>
      {of.kind === 'digital' ? (
        <TabPanel id="text">
          <ItemText of={of} label={search.label ?? null} />
        </TabPanel>
      ) : null}
      <TabPanel id="parts">
        <Kin of={of} />
      </TabPanel>
      <TabPanel id="custody">
        <Custody id={of.id} />
      </TabPanel>
      {of.kind === 'digital' ? (
        <TabPanel id="check">
          <CheckPanel id={of.id} registered={of.registered !== null} />
        </TabPanel>
      ) : null}
    </Tabs>
  )
}

function Standing(props: { of: Item }): ReactNode {
  const t = useTranslate()
  const word = useWord()
  const { of } = props
  return (
    <div className="row">
      {of.registrationNumber ? (
        <RegistrationNumber number={of.registrationNumber} copies />
      ) : (
        <span className="quiet">{t('item.notRegistered')}</span>
      )}
      <StateChip state={of.state} />
      <Sealed at={(of.registered ?? of.received).sealed} />
      <Chip>{word('class', of.classification)}</Chip>
      {of.legalHold ? <Chip tone="asks">{t('item.hold')}</Chip> : null}
      {of.flags.map((flag) => (
        <Chip key={flag} tone="asks">
          {word('flag', flag)}
        </Chip>
      ))}
      <span className="quiet small">
        {t('item.readers', {
          compartment: of.readers.compartment,
          people: of.readers.people,
          grants: of.readers.grants,
        })}
      </span>
    </div>
  )
}

function Complaints(props: { of: Item }): ReactNode {
  const t = useTranslate()
  const word = useWord()
  const { quarantineReason, notices } = props.of
  if (!quarantineReason && notices.length === 0) return null
  return (
    <Notice
      tone="asks"
      title={
        quarantineReason
          ? t('item.inQuarantine', { reason: word('quarantineReason', quarantineReason) })
          : t('item.notices')
      }
    >
      <ul>
        {notices.map((notice) => (
          <li key={`${notice.step} ${notice.code} ${notice.words}`}>
            {word('noticeCode', notice.code)}{' '}
            <bdi className="quiet small" dir="auto" lang="en">
              {notice.words}
            </bdi>{' '}
            {notice.retryable ? <span className="quiet small">{t('item.retryable')}</span> : null}
          </li>
        ))}
      </ul>
    </Notice>
  )
}
