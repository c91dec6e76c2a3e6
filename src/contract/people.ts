import { z } from 'zod'
import { compartmentKind, invitation, personName, session } from './identity.ts'
import { ROLES } from './roles.ts'
import { route } from './route.ts'

const id = z.uuid()
const instant = z.iso.datetime()
const byId = z.object({ id })
const name = z.string().trim().min(1).max(120)
const why = z.string().trim().min(3).max(2000)
const role = z.enum(ROLES)

export const person = z.object({
  id,
  name,
  kind: z.enum(['person', 'local-operator', 'system']),
  signInName: z.string().nullable(),
  state: z.enum(['active', 'suspended']),
  roles: z.array(role),
  compartments: z.array(z.object({ id, name })),
  secondFactor: z.boolean(),
  createdAt: instant,
  lastSeenAt: instant.nullable(),
})
export type Person = z.infer<typeof person>

/** The link is shown once; only its digest is kept. */
const invitationWithLink = z.object({ invitation, link: z.string() })

export const compartment = z.object({
  id,
  name,
  kind: compartmentKind,
  createdAt: instant,
  members: z.array(personName),
  /** True where the person asking is a member. */
  mine: z.boolean(),
})
export type Compartment = z.infer<typeof compartment>

export const grant = z.object({
  id,
  person: personName,
  subjectKind: z.enum(['collection', 'item']),
  subjectId: id,
  purpose: z.string(),
  original: z.boolean(),
  until: instant,
  givenBy: personName,
  givenAt: instant,
  state: z.enum(['running', 'ended', 'revoked']),
})
export type Grant = z.infer<typeof grant>

export const approval = z.object({
  id,
  act: z.string(),
  subjectId: id.nullable(),
  summary: z.string(),
  why: z.string(),
  state: z.enum(['proposed', 'approved', 'declined', 'withdrawn', 'carried-out', 'expired']),
  proposedBy: personName,
  proposedAt: instant,
  expiresAt: instant,
  decidedBy: personName.nullable(),
  decidedAt: instant.nullable(),
  decidedWhy: z.string().nullable(),
})
export type Approval = z.infer<typeof approval>

const tag = 'identity'

export const listNames = route({
  method: 'GET',
  path: '/api/people/names',
  tag,
  access: 'session',
  answer: z.object({ people: z.array(personName) }),
  summary: 'The people one may know of, for choosing from',
})
export const listPeople = route({
  method: 'GET',
  path: '/api/people',
  tag,
  access: 'people.manage',
  answer: z.object({ people: z.array(person) }),
  summary: 'Everyone on this desk',
})
export const readPerson = route({
  method: 'GET',
  path: '/api/people/:id',
  tag,
  access: 'people.manage',
  params: byId,
  answer: z.object({ person, sessions: z.array(session) }),
  summary: 'One person with open sessions',
})
export const setRoles = route({
  method: 'PUT',
  path: '/api/people/:id/roles',
  tag,
  access: 'people.manage',
  params: byId,
  answer: person,
  body: z.object({ roles: z.array(role).max(14), why }),
  summary: 'Gives and takes roles',
})
export const suspendPerson = route({
  method: 'POST',
  path: '/api/people/:id/suspend',
  tag,
  access: 'people.manage',
  params: byId,
  answer: person,
  body: z.object({ why }),
  summary: 'Suspends a person: sessions and tokens end at once',
})
export const resumePerson = route({
  method: 'POST',
  path: '/api/people/:id/resume',
  tag,
  access: 'people.manage',
  params: byId,
  answer: person,
  body: z.object({ why }),
  summary: 'Lets a suspended person in again',
})
export const endSessionsOf = route({
  method: 'POST',
  path: '/api/people/:id/sessions/end',
  tag,
  access: 'people.manage',
  params: byId,
  kind: 'empty',
  body: z.object({ sessionId: id.optional(), why }),
  summary: 'Ends one or all sessions of a person',
})
export const resetPerson = route({
  method: 'POST',
  path: '/api/people/:id/reset',
  tag,
  access: 'people.manage',
  params: byId,
  body: z.object({ why }),
  answer: invitationWithLink,
  summary: 'A one-time link with which a person sets a new password; the second factor is removed',
})
export const listInvitations = route({
  method: 'GET',
  path: '/api/invitations',
  tag,
  access: 'people.manage',
  answer: z.object({ invitations: z.array(invitation) }),
  summary: 'Invitations, newest first',
})
export const invite = route({
  method: 'POST',
  path: '/api/invitations',
  tag,
  access: 'people.manage',
  answer: invitationWithLink,
  body: z.object({
    name,
    roles: z.array(role).min(1).max(14),
    compartmentIds: z.array(id).max(100).default([]),
    days: z.int().min(1).max(30).default(7),
  }),
  summary: 'Invites a person with roles and compartments; the link is shown once',
})
export const withdrawInvitation = route({
  method: 'DELETE',
  path: '/api/invitations/:id',
  tag,
  access: 'people.manage',
  params: byId,
  kind: 'empty',
  summary: 'Withdraws an invitation',
})

export const listCompartments = route({
  method: 'GET',
  path: '/api/compartments',
  tag,
  access: 'session',
  answer: z.object({ compartments: z.array(compartment) }),
  summary: 'The compartments one may know of',
})
export const createCompartment = route({
  method: 'POST',
  path: '/api/compartments',
  tag,
  access: 'compartments.manage',
  answer: compartment,
  body: z.object({
    name,
    kind: compartmentKind.default('ordinary'),
    memberIds: z.array(id).max(500).default([]),
  }),
  summary: 'Makes a compartment',
})
export const addMember = route({
  method: 'POST',
  path: '/api/compartments/:id/members',
  tag,
  access: 'compartments.manage',
  params: byId,
  body: z.object({ personId: id, why }),
  answer: compartment,
  summary: 'Lets a person see into a compartment',
})
export const removeMember = route({
  method: 'POST',
  path: '/api/compartments/:id/members/:personId/remove',
  tag,
  access: 'compartments.manage',
  params: z.object({ id, personId: id }),
  body: z.object({ why }),
  answer: compartment,
  summary: 'Takes a person out of a compartment',
})

export const listGrants = route({
  method: 'GET',
  path: '/api/grants',
  tag,
  access: 'session',
  query: z.object({ subjectId: id.optional(), personId: id.optional() }),
  answer: z.object({ grants: z.array(grant) }),
  summary: 'Dated grants: one’s own, or all for those who give them',
})
export const giveGrant = route({
  method: 'POST',
  path: '/api/grants',
  tag,
  access: 'grants.give',
  answer: grant,
  body: z.object({
    personId: id,
    subjectKind: z.enum(['collection', 'item']),
    subjectId: id,
    purpose: why,
    original: z.boolean().default(false),
    until: instant,
  }),
  summary: 'Lets a person see one item or one collection, for a purpose, until a date',
})
export const revokeGrant = route({
  method: 'POST',
  path: '/api/grants/:id/revoke',
  tag,
  access: 'grants.give',
  params: byId,
  answer: grant,
  body: z.object({ why }),
  summary: 'Ends a grant at once',
})

export const listApprovals = route({
  method: 'GET',
  path: '/api/approvals',
  tag,
  access: 'session',
  answer: z.object({ approvals: z.array(approval) }),
  summary: 'Acts that wait for a second person, and the last hundred',
})
export const approve = route({
  method: 'POST',
  path: '/api/approvals/:id/approve',
  tag,
  access: 'session',
  params: byId,
  answer: approval,
  body: z.object({ why }),
  summary: 'Agrees, as the second person',
})
export const decline = route({
  method: 'POST',
  path: '/api/approvals/:id/decline',
  tag,
  access: 'session',
  params: byId,
  answer: approval,
  body: z.object({ why }),
  summary: 'Declines, as the second person',
})
export const withdrawApproval = route({
  method: 'POST',
  path: '/api/approvals/:id/withdraw',
  tag,
  access: 'session',
  params: byId,
  answer: approval,
  summary: 'Withdraws what one proposed',
})
