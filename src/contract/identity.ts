import { z } from 'zod'
import { ROLES } from './roles.ts'
import { route } from './route.ts'

const id = z.uuid()
const instant = z.iso.datetime()
const byId = z.object({ id })
const name = z.string().trim().min(1).max(120)
const secret = z.string().min(20).max(200)
const role = z.enum(ROLES)
/** At least twelve characters; length is what protects, so nothing else is asked. */
const password = z.string().min(12).max(1000)
const signInName = z
  .string()
  .trim()
  .min(3)
  .max(254)
  .regex(/^[^\s\p{C}]+$/u, 'must not hold spaces')
/** What the browser's passkey interface takes and gives; checked by the library, not here. */
const passkeyMessage = z.record(z.string(), z.unknown())

export const compartmentKind = z.enum(['ordinary', 'source-identity', 'named-reader'])

export const personName = z.object({ id, name, kind: z.enum(['person', 'local-operator', 'system']) })
export type PersonName = z.infer<typeof personName>

export const whoAmI = z.object({
  deskName: z.string(),
  timeZone: z.string(),
  person: personName.nullable(),
  roles: z.array(role),
  /** What the roles give; the server decides again at every call. */
  verbs: z.array(z.string()),
  sessionId: id.nullable(),
  /** True between the password and the second factor. */
  secondFactorNeeded: z.boolean(),
  /** True where the person has neither a one-time code nor a passkey yet. */
  secondFactorMissing: z.boolean(),
})
export type WhoAmI = z.infer<typeof whoAmI>

const signedIn = z.object({
  complete: z.boolean(),
  /** What completes the sign-in where `complete` is false. */
  ways: z.array(z.enum(['totp', 'passkey'])),
})

export const session = z.object({
  id,
  agent: z.string(),
  factors: z.array(z.string()),
  createdAt: instant,
  seenAt: instant,
  expiresAt: instant,
  current: z.boolean(),
})

export const account = z.object({
  person: personName,
  signInName: z.string().nullable(),
  roles: z.array(role),
  compartments: z.array(z.object({ id, name, kind: compartmentKind })),
  totp: z.boolean(),
  passkeys: z.array(z.object({ id: z.string(), name, createdAt: instant, lastUsedAt: instant.nullable() })),
  tokens: z.array(
    z.object({ id, name, createdAt: instant, expiresAt: instant, lastUsedAt: instant.nullable() }),
  ),
  sessions: z.array(session),
})
export type Account = z.infer<typeof account>

export const invitation = z.object({
  id,
  kind: z.enum(['first-administrator', 'join', 'reset']),
  name: z.string(),
  roles: z.array(role),
  compartmentIds: z.array(id),
  createdAt: instant,
  expiresAt: instant,
  state: z.enum(['open', 'used', 'expired', 'withdrawn']),
})
export type Invitation = z.infer<typeof invitation>
const tag = 'identity'

export const readSession = route({
  method: 'GET',
  path: '/api/session',
  tag,
  access: 'public',
  answer: whoAmI,
  summary: 'Who is asking, and what the roles give',
})
export const signInWithPassword = route({
  method: 'POST',
  path: '/api/session/password',
  tag,
  access: 'public',
  answer: signedIn,
  body: z.object({ signInName, password: z.string().min(1).max(1000) }),
  summary: 'First step of signing in',
})
export const signInWithTotp = route({
  method: 'POST',
  path: '/api/session/totp',
  tag,
  access: 'public',
  answer: signedIn,
  body: z.object({ code: z.string().regex(/^\d{6}$/) }),
  summary: 'Second step: the one-time code',
})
export const offerPasskeySignIn = route({
  method: 'POST',
  path: '/api/session/passkey/options',
  tag,
  access: 'public',
  answer: z.object({ challengeId: id, options: passkeyMessage }),
  summary: 'What the browser’s passkey has to sign',
})
export const signInWithPasskey = route({
  method: 'POST',
  path: '/api/session/passkey',
  tag,
  access: 'public',
  answer: signedIn,
  body: z.object({ challengeId: id, response: passkeyMessage }),
  summary: 'Signs in with a passkey, alone or as the second step',
})
export const signOut = route({
  method: 'POST',
  path: '/api/session/end',
  tag,
  access: 'session',
  kind: 'empty',
  summary: 'Signs out',
})
export const openInvitation = route({
  method: 'POST',
  path: '/api/invitations/open',
  tag,
  access: 'public',
  body: z.object({ secret }),
  answer: z.object({
    kind: invitation.shape.kind,
    name: z.string(),
    roles: z.array(role),
    expiresAt: instant,
  }),
  summary: 'What an invitation’s link is for',
})
export const acceptInvitation = route({
  method: 'POST',
  path: '/api/invitations/accept',
  tag,
  access: 'public',
  answer: signedIn,
  body: z.object({ secret, name: name.optional(), signInName: signInName.optional(), password }),
  summary: 'Joins the desk (or sets a new password) and signs in; the link works once',
})

export const readAccount = route({
  method: 'GET',
  path: '/api/account',
  tag,
  access: 'session',
  answer: account,
  summary: 'One’s own account: roles, compartments, ways to sign in, sessions, tokens',
})
export const changePassword = route({
  method: 'POST',
  path: '/api/account/password',
  tag,
  access: 'session',
  kind: 'empty',
  body: z.object({ current: z.string().min(1).max(1000), next: password }),
  summary: 'Changes one’s own password; every other session ends',
})
export const offerTotp = route({
  method: 'POST',
  path: '/api/account/totp',
  tag,
  access: 'session',
  answer: z.object({ secret: z.string(), uri: z.string() }),
  summary: 'A new one-time-code secret, in force once a code confirms it',
})
export const confirmTotp = route({
  method: 'POST',
  path: '/api/account/totp/confirm',
  tag,
  access: 'session',
  kind: 'empty',
  body: z.object({ code: z.string().regex(/^\d{6}$/) }),
  summary: 'Confirms the one-time-code secret',
})
export const removeTotp = route({
  method: 'POST',
  path: '/api/account/totp/remove',
  tag,
  access: 'session',
  kind: 'empty',
  body: z.object({ password: z.string().min(1).max(1000) }),
  summary: 'Removes the one-time code',
})
export const offerPasskey = route({
  method: 'POST',
  path: '/api/account/passkeys/options',
  tag,
  access: 'session',
  answer: z.object({ challengeId: id, options: passkeyMessage }),
  summary: 'Begins to add a passkey',
})
export const addPasskey = route({
  method: 'POST',
  path: '/api/account/passkeys',
  tag,
  access: 'session',
  kind: 'empty',
  body: z.object({ challengeId: id, name, response: passkeyMessage }),
  summary: 'Adds a passkey',
})
export const removePasskey = route({
  method: 'DELETE',
  path: '/api/account/passkeys/:id',
  tag,
  access: 'session',
  kind: 'empty',
  params: z.object({ id: z.string().min(1).max(1400) }),
  summary: 'Removes a passkey',
})
export const createToken = route({
  method: 'POST',
  path: '/api/account/tokens',
  tag,
  access: 'session',
  body: z.object({ name, days: z.int().min(1).max(366).default(90) }),
  answer: z.object({ id, token: z.string(), expiresAt: instant }),
  summary: 'A token for the command line or a program; shown once',
})
export const revokeToken = route({
  method: 'DELETE',
  path: '/api/account/tokens/:id',
  tag,
  access: 'session',
  kind: 'empty',
  params: byId,
  summary: 'Revokes a token',
})
export const endSession = route({
  method: 'DELETE',
  path: '/api/account/sessions/:id',
  tag,
  access: 'session',
  kind: 'empty',
  params: byId,
  summary: 'Ends one of one’s own sessions',
})
