import type { Role } from './roles.ts'

/**
 * Every verb and the roles that give it. Sight (compartments, grants) is decided beside it, never here.
 * Administrators manage people and see no content.
 */
export const VERBS = {
  'people.manage': ['administrator'],
  'compartments.manage': ['administrator', 'evidence-officer'],
  'grants.give': ['evidence-officer'],
  'collections.manage': ['evidence-officer'],
  'intake.run': ['evidence-officer', 'investigator'],
  'intake.read': ['evidence-officer', 'investigator', 'analyst', 'auditor'],
  'item.list': [
    'evidence-officer',
    'investigator',
    'analyst',
    'legal-officer',
    'reviewer',
    'translator',
    'witness-protection-officer',
    'auditor',
  ],
  'item.read': [
    'evidence-officer',
    'investigator',
    'analyst',
    'legal-officer',
    'reviewer',
    'translator',
    'witness-protection-officer',
  ],
  'item.register': ['evidence-officer'],
  'item.describe': ['evidence-officer', 'investigator'],
  'item.hold': ['evidence-officer', 'legal-officer'],
  'item.download': ['evidence-officer', 'investigator', 'analyst', 'legal-officer', 'reviewer', 'translator'],
  'item.original': ['evidence-officer'],
  'item.certify': ['evidence-officer', 'legal-officer', 'auditor'],
  'item.check': ['evidence-officer', 'investigator', 'legal-officer', 'auditor'],
  'item.erase': ['evidence-officer'],
  'source.manage': ['evidence-officer', 'witness-protection-officer'],
  'source.identity': ['witness-protection-officer'],
  'search.run': [
    'evidence-officer',
    'investigator',
    'analyst',
    'legal-officer',
    'reviewer',
    'translator',
    'witness-protection-officer',
  ],
  'search.export': ['evidence-officer', 'investigator', 'analyst', 'legal-officer'],
  'search.rebuild': ['evidence-officer', 'administrator'],
  'jobs.read': ['administrator', 'evidence-officer', 'auditor'],
  'jobs.retry': ['administrator', 'evidence-officer'],
  'audit.run': ['evidence-officer', 'auditor'],
  'audit.read': ['administrator', 'evidence-officer', 'auditor'],
  'log.read': ['auditor', 'evidence-officer'],
  'backup.run': ['administrator', 'evidence-officer'],
  'keys.manage': ['administrator', 'evidence-officer'],
  'metrics.read': ['administrator', 'auditor'],
} as const satisfies Record<string, readonly Role[]>

export type Verb = keyof typeof VERBS

/** True where one of the roles gives the verb. */
export function rolesGive(roles: readonly Role[], verb: Verb): boolean {
  const givers: readonly Role[] = VERBS[verb]
  return roles.some((role) => givers.includes(role))
}
