import type { Readable } from 'node:stream'
import type { Answer, Order, RouteSpec } from '../../contract/route.ts'
import type { Actor } from '../../platform/actor.ts'
import type { Desk } from '../../platform/tx.ts'
import type { Parts } from './parts.ts'

/** What a handler is given beside the checked order. */
export interface Context {
  readonly desk: Desk
  /** Whoever asks; NOBODY (no roles, sees nothing) on a public route without a session. */
  readonly actor: Actor
  /** Who gave a password and still owes the second factor; on public routes only. */
  readonly half: Actor | null
  readonly parts: Parts
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** True where the call came through the socket in the desk's folder. */
  readonly local: boolean
  /** Aborted when the caller goes away or the server stops. */
  readonly signal: AbortSignal
  /** The raw body of a route of kind `upload`; an empty stream elsewhere. */
  readonly body: Readable
  /** Answers with another status than 200. */
  setStatus(status: number): void
  /** Sets the session's cookie, or removes it. */
  setSession(secret: string | null, expiresAt?: Date): void
}

/** Bytes to send. Whatever must be logged is logged before this is returned. */
export interface Streamed {
  readonly type: string
  readonly body: AsyncIterable<Uint8Array | string> | Uint8Array | string
  readonly sizeBytes?: number
  /** Offered to be saved under this name. */
  readonly fileName?: string
  /** 206 with `content-range` for a part. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
}

export interface ServerEvent {
  readonly event: string
  readonly data: unknown
}

/** What a handler returns, by the kind of its route. */
export type Outcome<T extends RouteSpec> = T['kind'] extends 'stream'
  ? Streamed
  : T['kind'] extends 'events'
    ? AsyncIterable<ServerEvent>
    : T['kind'] extends 'empty'
      ? void
      : Answer<T>

/** A route with its handler; made only by `handle`. */
export interface Handled {
  readonly spec: RouteSpec
  readonly run: (context: Context, order: Order<RouteSpec>) => Promise<unknown>
}

/** Joins a declared route and the function that serves it; a handler is contract → policy → verb → answer. */
export function handle<const T extends RouteSpec>(
  spec: T,
  run: (context: Context, order: Order<T>) => Promise<Outcome<T>>,
): Handled {
  return { spec, run: run as Handled['run'] }
}
