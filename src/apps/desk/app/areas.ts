import type { Verb } from '../../../contract/verbs.ts'
import type { MessageId } from '../language/translate.ts'
import type { IconName } from '../ui/icon.tsx'

export interface Area {
  readonly to: string
  readonly label: MessageId
  readonly icon: IconName
  /** Any of these verbs opens it; none asked where empty. */
  readonly verbs: readonly Verb[]
  /** `g` and this letter go there. */
  readonly key: string
}

/** The rail, in order: what comes in, what is found, what is proved, who is let in. */
const AREAS: readonly Area[] = [
  { to: '/', label: 'area.front', icon: 'front', verbs: [], key: 'f' },
  { to: '/search', label: 'area.search', icon: 'search', verbs: ['search.run'], key: 's' },
  { to: '/collections', label: 'area.collections', icon: 'collections', verbs: ['item.list'], key: 'c' },
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

export function openAreas(may: (verb: Verb) => boolean): readonly Area[] {
  return AREAS.filter((area) => area.verbs.length === 0 || area.verbs.some(may))
}
