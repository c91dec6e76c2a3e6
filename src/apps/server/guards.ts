import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Refusal } from '../../base/refusal.ts'
import { MARK_HEADER, MARK_VALUE } from '../../contract/marks.ts'
import type { Desk } from '../../platform/tx.ts'
import { isLocal } from './listen.ts'

/**
 * No script, style, picture or connection from anywhere but the desk itself. Styles of elements are allowed
 * (React Aria positions its popovers with them); a style cannot send anything out, for nothing outside is allowed.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
  'x-robots-tag': 'noindex, nofollow',
}

/** Puts the security headers on every answer and refuses requests that another site caused. */
export function addGuards(app: FastifyInstance, desk: Desk): void {
  const secure = desk.config.publicUrl?.startsWith('https:') ?? false
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(HEADERS)
    if (secure) reply.header('strict-transport-security', 'max-age=31536000')
    if (request.url.startsWith('/api/')) reply.header('cache-control', 'no-store')
    if (isLocal(request.raw.socket)) return
    checkHost(request, desk)
    checkMark(request)
  })
}

/** A name that merely points here (DNS rebinding) must not reach the desk. */
function checkHost(request: FastifyRequest, desk: Desk): void {
  const host = hostName(request.headers.host ?? '')
  const { publicUrl } = desk.config
  const known = ['localhost', '127.0.0.1', '[::1]', desk.config.host]
  if (publicUrl) known.push(new URL(publicUrl).hostname)
  if (known.includes(host)) return
  throw new Refusal(
    'host_unknown',
    `This desk does not answer as "${host}". If that is its address, set publicUrl in its settings.`,
  )
}

function hostName(header: string): string {
  return header.replace(/:\d+$/, '').toLowerCase()
}

/** A change needs the desk's mark and the desk's own origin, unless a token makes it: browsers send none by themselves. */
function checkMark(request: FastifyRequest): void {
  if (request.method === 'GET' || request.method === 'HEAD') return
  if (request.headers.authorization !== undefined) return
  const { origin, host } = request.headers
  const sameOrigin = origin === undefined || (URL.canParse(origin) && new URL(origin).host === host)
  if (sameOrigin && request.headers[MARK_HEADER] === MARK_VALUE) return
  throw new Refusal(
    'unmarked_request',
    `Nothing was done: a change needs the header "${MARK_HEADER}: ${MARK_VALUE}" and must come from the desk's own pages.`,
  )
}
