import type { Role } from '../contract/roles.ts'

/** Who acts. Made by identity from a session, or by the composition root for the desk's own work. */
export interface Actor {
  readonly id: string
  readonly kind: 'person' | 'system'
  readonly name: string
  readonly sessionId: string | null
  readonly roles: readonly Role[]
  readonly onBehalfOf: string | null
}

/** The desk itself: workers, the sequencer, clean-up. Sees every record; its entries say so. */
export const SYSTEM_ACTOR: Actor = {
  id: '00000000-0000-7000-8000-000000000001',
  kind: 'system',
  name: 'desk',
  sessionId: null,
  roles: [],
  onBehalfOf: null,
}

/** Whoever is not signed in: no roles, sees no record, is never written to the log as having done something. */
export const NOBODY: Actor = {
  id: '00000000-0000-7000-8000-000000000000',
  kind: 'person',
  name: 'nobody',
  sessionId: null,
  roles: [],
  onBehalfOf: null,
}
