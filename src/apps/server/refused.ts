import type { FastifyRequest } from 'fastify'
import { isId } from '../../base/ids.ts'
import type { RouteSpec } from '../../contract/route.ts'
import { appendRefused } from '../../modules/ledger/append.ts'
import type { Actor } from '../../platform/actor.ts'
import type { Desk } from '../../platform/tx.ts'

/** Puts a refused attempt on the log, in a transaction of its own. */
export async function recordRefusal(
  desk: Desk,
  actor: Actor,
  spec: RouteSpec,
  request: FastifyRequest,
): Promise<void> {
  const id = (request.params as { id?: unknown } | undefined)?.id
  await appendRefused(desk, actor, {
    kind: 'identity.access.refused',
    subjects: typeof id === 'string' && isId(id) ? [{ type: 'record', id }] : [],
    detail: { verb: spec.access },
    sealed: { route: `${spec.method} ${spec.path}` },
  })
}
