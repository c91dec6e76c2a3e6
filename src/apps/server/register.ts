import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import { z } from 'zod'
import { Refusal } from '../../base/refusal.ts'
import type { Order, RouteSpec } from '../../contract/route.ts'
import { rolesGive } from '../../contract/verbs.ts'
import { NOBODY, type Actor } from '../../platform/actor.ts'
import type { Desk } from '../../platform/tx.ts'
import { identify, setSessionCookie } from './caller.ts'
import { sendEvents } from './events.ts'
import type { Context, Handled, ServerEvent, Streamed } from './handle.ts'
import { isLocal } from './listen.ts'
import type { Parts } from './parts.ts'
import { recordRefusal } from './refused.ts'
import { sendStream } from './stream.ts'

const JSON_LIMIT_BYTES = 4 * 1024 * 1024

/** Registers declared routes: schemas in and out, who may use each, and how its answer travels. */
export function registerRoutes(
  app: FastifyInstance,
  desk: Desk,
  parts: Parts,
  routes: readonly Handled[],
): void {
  const uploads = routes.filter(({ spec }) => spec.kind === 'upload')
  for (const handled of routes)
    if (handled.spec.kind !== 'upload') app.route(optionsFor(desk, parts, handled))
  // Uploads are raw whatever their type says: a JSON file is a file.
  void app.register(async (child) => {
    child.removeAllContentTypeParsers()
    child.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    for (const handled of uploads) child.route(optionsFor(desk, parts, handled))
  })
}

function optionsFor(desk: Desk, parts: Parts, handled: Handled): RouteOptions {
  const { spec } = handled
  return {
    method: spec.method,
    url: spec.path,
    bodyLimit: spec.kind === 'upload' ? Number.MAX_SAFE_INTEGER : JSON_LIMIT_BYTES,
    schema: {
      tags: [spec.tag],
      summary: spec.summary,
      ...(spec.params ? { params: spec.params } : {}),
      ...(spec.query ? { querystring: spec.query } : {}),
      ...(spec.body ? { body: spec.body } : {}),
      ...(spec.answer ? { response: { 200: spec.answer } } : {}),
    },
    // Who asks is settled before the body is read or checked: a stranger learns nothing from a 400.
    onRequest: async (request) => admit(desk, parts, spec, request),
    handler: (request, reply) => serve(desk, parts, handled, request, reply),
  }
}

interface Admitted {
  readonly actor: Actor
  readonly half: Actor | null
}
const admitted = new WeakMap<FastifyRequest, Admitted>()

async function admit(desk: Desk, parts: Parts, spec: RouteSpec, request: FastifyRequest): Promise<void> {
  const caller = await identify(desk, parts, request)
  const actor = caller?.complete ? caller.actor : null
  admitted.set(request, { actor: actor ?? NOBODY, half: caller && !caller.complete ? caller.actor : null })
  if (spec.access === 'public') return
  if (caller && !caller.complete)
    throw new Refusal(
      'second_factor_needed',
      'The second step of signing in is missing: a one-time code or a passkey.',
    )
  if (!actor)
    throw new Refusal('not_signed_in', 'Nobody is signed in here, or the session has ended. Sign in first.')
  if (spec.access === 'session' || rolesGive(actor.roles, spec.access)) return
  await recordRefusal(desk, actor, spec, request)
  throw new Refusal(
    'not_permitted',
    `None of your roles allows "${spec.access}". An administrator can give one that does.`,
    { verb: spec.access },
  )
}

async function serve(
  desk: Desk,
  parts: Parts,
  handled: Handled,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { spec } = handled
  const { actor, half } = admitted.get(request) ?? { actor: NOBODY, half: null }
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  const context: Context = {
    desk,
    actor,
    half,
    parts,
    headers: request.headers,
    local: isLocal(request.raw.socket),
    signal: AbortSignal.any([gone.signal, desk.signal]),
    body: spec.kind === 'upload' && request.body instanceof Readable ? request.body : Readable.from([]),
    setStatus: (status) => void reply.code(status),
    setSession: (secret, expiresAt) => setSessionCookie(desk, reply, secret, expiresAt),
  }
  const order = {
    params: spec.params ? request.params : undefined,
    query: spec.query ? request.query : undefined,
    body: spec.body ? request.body : undefined,
  } as Order<RouteSpec>
  try {
    const outcome = await handled.run(context, order)
    if (spec.kind === 'stream') return await sendStream(reply, outcome as Streamed)
    if (spec.kind === 'events')
      return await sendEvents(
        reply,
        outcome as AsyncIterable<ServerEvent>,
        AbortSignal.any([context.signal, parts.closing]),
      )
    if (!(spec.answer instanceof z.ZodType)) return reply.code(204).send()
    return reply.send(outcome)
  } catch (error) {
    const hidden = error instanceof Refusal && (error.code === 'not_found' || error.code === 'not_permitted')
    if (hidden && actor !== NOBODY) await recordRefusal(desk, actor, spec, request)
    throw error
  }
}
