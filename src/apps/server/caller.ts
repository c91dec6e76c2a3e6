import { timingSafeEqual } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { actorForLocalOperator } from '../../modules/identity/local-operator.ts'
import { actorForSession, actorForToken } from '../../modules/identity/resolve.ts'
import type { Actor } from '../../platform/actor.ts'
import type { Desk } from '../../platform/tx.ts'
import { isLocal } from './listen.ts'
import type { Parts } from './parts.ts'

export interface Caller {
  readonly actor: Actor
  /** False between the password and the second factor. */
  readonly complete: boolean
}

/**
 * Who makes a request: the local operator (through the socket, with this run's token), the owner of a token,
 * the owner of a session; null for nobody.
 */
export async function identify(desk: Desk, parts: Parts, request: FastifyRequest): Promise<Caller | null> {
  const bearer = /^Bearer ([\w.~+/=-]{20,200})$/.exec(request.headers.authorization ?? '')?.[1]
  if (isLocal(request.raw.socket)) {
    if (bearer === undefined || !sameSecret(bearer, parts.operatorToken)) return null
    return { actor: await actorForLocalOperator(desk), complete: true }
  }
  if (request.headers.authorization !== undefined) {
    const actor = bearer === undefined ? null : await actorForToken(desk, bearer)
    return actor && { actor, complete: true }
  }
  const secret = request.cookies[cookieName(desk)]
  return secret ? actorForSession(desk, secret) : null
}

function sameSecret(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

/** Over https the name itself forbids other hosts and plain connections to set it. */
export function cookieName(desk: Desk): string {
  return isSecure(desk) ? '__Host-amanat' : 'amanat'
}

function isSecure(desk: Desk): boolean {
  return desk.config.publicUrl?.startsWith('https:') ?? false
}

/** Sets or removes the session's cookie: unreadable to scripts, never sent from other sites. */
export function setSessionCookie(
  desk: Desk,
  reply: FastifyReply,
  secret: string | null,
  expiresAt?: Date,
): void {
  const options = { path: '/', httpOnly: true, sameSite: 'strict', secure: isSecure(desk) } as const
  if (secret === null) reply.clearCookie(cookieName(desk), options)
  else reply.setCookie(cookieName(desk), secret, { ...options, ...(expiresAt ? { expires: expiresAt } : {}) })
}
