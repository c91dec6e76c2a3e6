import type { z } from 'zod'
import type { Verb } from './verbs.ts'

/**
 * One route of the HTTP interface, declared once: the server registers it, the desk and the command line call
 * it, the OpenAPI document and the access matrix list it.
 */
export interface RouteSpec {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Fastify's spelling: `/api/items/:id`. */
  readonly path: `/${string}`
  readonly tag: string
  readonly summary: string
  /** `public`: nobody need be signed in; `session`: any signed-in person; a verb: who may use it at all. */
  readonly access: 'public' | 'session' | Verb
  readonly params?: z.ZodType
  readonly query?: z.ZodType
  readonly body?: z.ZodType
  /** The JSON answer; fields that it does not declare are dropped. Absent for streams and empty answers. */
  readonly answer?: z.ZodType
  /** `json` unless said: `stream` is bytes, `events` server-sent events, `upload` takes a raw body. */
  readonly kind?: 'json' | 'stream' | 'events' | 'upload' | 'empty'
}

/** Declares a route; returns it unchanged with its exact type. */
export function route<const T extends RouteSpec>(spec: T): T {
  return spec
}

type Parsed<T> = T extends z.ZodType ? z.output<T> : undefined
type Sent<T> = T extends z.ZodType ? z.input<T> : undefined

/** What a handler is given, after checking. */
export interface Order<T extends RouteSpec> {
  readonly params: Parsed<T['params']>
  readonly query: Parsed<T['query']>
  readonly body: Parsed<T['body']>
}

/** What a caller sends. */
export interface Call<T extends RouteSpec> {
  readonly params: Sent<T['params']>
  readonly query: Sent<T['query']>
  readonly body: Sent<T['body']>
}

export type Answer<T extends RouteSpec> = T['answer'] extends z.ZodType ? z.input<T['answer']> : undefined
export type Received<T extends RouteSpec> = T['answer'] extends z.ZodType ? z.output<T['answer']> : undefined
