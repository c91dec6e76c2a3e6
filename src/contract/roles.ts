/** Roles give verbs; compartments give sight (docs/threat-model.md, "Access"). */
export const ROLES = [
  'administrator',
  'evidence-officer',
  'investigator',
  'analyst',
  'legal-officer',
  'reviewer',
  'translator',
  'witness-protection-officer',
  'liaison',
  'caseworker',
  'editor',
  'fact-checker',
  'partner',
  'auditor',
] as const

export type Role = (typeof ROLES)[number]
