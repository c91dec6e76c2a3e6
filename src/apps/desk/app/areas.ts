import type { Verb } from '../../../contract/verbs.ts'
import type { MessageId } from '../language/translate.ts'
import type { IconName } from '../ui/icon.tsx'

export interface Area {
  readonly to: string
  readonly label: MessageId
  readonly icon: IconName
  /** Any of these verbs opens it; none asked where empty. */
  readonly verbs: readonly Verb[]
  /** `g` and this letter go there; none for pages that the rail leaves out. */
  readonly key: string | null
}

/** The rail, in order: what comes in, what is found, what is proved, who is let in. */
const AREAS: readonly Area[] = [
  { to: '/', label: 'area.front', icon: 'front', verbs: [], key: 'f' },
  { to: '/search', label: 'area.search', icon: 'search', verbs: ['search.run'], key: 's' },
  { to: '/collections', label: 'area.collections', icon: 'collections', verbs: ['item.list'], key: 'c' },
  { to: '/sources', label: 'area.sources', icon: 'sources', verbs: ['item.list'], key: 'o' },
  { to: '/intake', label: 'area.intake', icon: 'intake', verbs: ['intake.run', 'intake.read'], key: 'i' },
  { to: '/registration', label: 'area.registration', icon: 'register', verbs: ['item.register'], key: 'r' },
  { to: '/audit', label: 'area.audit', icon: 'audit', verbs: ['audit.read'], key: 'a' },
  { to: '/jobs', label: 'area.jobs', icon: 'jobs', verbs: ['jobs.read'], key: 'j' },
  { to: '/people', label: 'area.people', icon: 'people', verbs: ['people.manage'], key: 'p' },
  {
    to: '/compartments',
    label: 'area.compartments',
    icon: 'compartments',
    verbs: ['compartments.manage', 'grants.give'],
    key: 'm',
  },
  { to: '/account', label: 'area.account', icon: 'account', verbs: [], key: 'u' },
]

/** Pages below an area that are looked for by name: the palette reaches them, the rail leaves them out. */
const BELOW: readonly Area[] = [
  { to: '/intake/new', label: 'intake.begin', icon: 'intake', verbs: ['intake.run'], key: null },
  { to: '/intake/thing', label: 'thing.receive', icon: 'intake', verbs: ['intake.run'], key: null },
  {
    to: '/registration/quarantine',
    label: 'quarantine.title',
    icon: 'register',
    verbs: ['item.register'],
    key: null,
  },
  { to: '/audit/erasures', label: 'erasure.title', icon: 'audit', verbs: ['item.erase'], key: null },
  { to: '/audit/backup', label: 'backup.title', icon: 'audit', verbs: ['backup.run'], key: null },
]

export function openAreas(may: (verb: Verb) => boolean): readonly Area[] {
  return AREAS.filter((area) => area.verbs.length === 0 || area.verbs.some(may))
}

/** Every page that has a name of its own and opens to this person. */
export function openPages(may: (verb: Verb) => boolean): readonly Area[] {
  return [...openAreas(may), ...BELOW.filter((area) => area.verbs.some(may))]
}
