import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { Refusal } from '../../base/refusal.ts'
import { REFUSALS } from '../../contract/refusals.ts'

/** Answers every error of a request in one shape: `{ code, detail, facts }`. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const refusal = asRefusal(error) ?? fault(error, request)
  const status = statusOf(refusal.code)
  if (refusal.code === 'too_many_tries' && typeof refusal.facts['retryAfterSeconds'] === 'number')
    reply.header('retry-after', String(refusal.facts['retryAfterSeconds']))
  return reply
    .code(status)
    .type('application/json; charset=utf-8')
    .header('cache-control', 'no-store')
    .serializer((value: unknown) => JSON.stringify(value))
    .send({ code: refusal.code, detail: refusal.detail, facts: refusal.facts })
}

export function statusOf(code: string): number {
  return (REFUSALS as Record<string, { status: number } | undefined>)[code]?.status ?? 400
}

/** The refusal that an error stands for, or null where it is a fault. */
export function asRefusal(error: unknown): Refusal | null {
  if (error instanceof Refusal) return error
  if (hasZodFastifySchemaValidationErrors(error)) return wrongInput(error)
  if (isDatabaseLoss(error)) {
    return new Refusal(
      'database_lost',
      'The database cannot be reached. What was acknowledged before is kept; this call was not done. Try again in a moment.',
    )
  }
  if ((error as { code?: unknown }).code === 'ENOSPC') {
    return new Refusal(
      'disk_full',
      'The disk that holds the desk is full. This call was not done. Free some space.',
    )
  }
  return fromFramework(error as FastifyError)
}

function wrongInput(error: FastifyError): Refusal {
  const places = (error.validation ?? []).map((issue) => ({
    field: issue.instancePath.replace(/^\//, '').replaceAll('/', '.'),
    problem: issue.message ?? 'is wrong',
  }))
  const part = error.validationContext === 'querystring' ? 'query' : (error.validationContext ?? 'input')
  const words = places.map(({ field, problem }) => `${field === '' ? `the ${part}` : field}: ${problem}`)
  return new Refusal('invalid_input', `Nothing was done: ${words.join('; ')}.`, { part, fields: places })
}

function fromFramework(error: FastifyError): Refusal | null {
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return new Refusal('too_large', 'The request is larger than this route takes. Nothing was done.')
  const status = error.statusCode ?? 500
  if (typeof error.code === 'string' && error.code.startsWith('FST_') && status >= 400 && status < 500)
    return new Refusal('invalid_input', `Nothing was done: ${error.message}.`)
  return null
}

const LOST = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOENT',
  '57P01',
  '57P02',
  '57P03',
  '08006',
  '08003',
  '08001',
])

/** True for the errors that PostgreSQL's driver gives when the server is gone or going. */
export function isDatabaseLoss(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code, syscall } = error as { code?: string; syscall?: string }
  if (code === 'ENOENT' || code === 'ECONNREFUSED') return syscall === 'connect'
  if (code !== undefined) return LOST.has(code)
  return /Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect/.test(
    error.message,
  )
}

/** Logged under an id that the person can quote; the answer says nothing of the inside. */
function fault(error: unknown, request: FastifyRequest): Refusal {
  request.log.error(
    { fault: error, requestId: request.id, route: request.routeOptions.url },
    'a request failed',
  )
  return new Refusal(
    'fault',
    `Something failed inside the desk; it was written down under ${request.id}. What was acknowledged before is kept. ` +
      'Try again; if it stays, give that number to whoever looks after the desk.',
    { requestId: request.id },
  )
}
