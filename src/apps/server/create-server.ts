import cookie from '@fastify/cookie'
import swagger from '@fastify/swagger'
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import { jsonSchemaTransform, serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import { Refusal } from '../../base/refusal.ts'
import type { Desk } from '../../platform/tx.ts'
import { docsHandlers } from './api/docs.ts'
import { answerError } from './errors.ts'
import { addGuards } from './guards.ts'
import type { Handled } from './handle.ts'
import { countRequests } from './metrics.ts'
import type { Parts } from './parts.ts'
import { registerRoutes } from './register.ts'
import { serveDesk } from './static-desk.ts'

export interface HttpServer {
  readonly app: FastifyInstance
  /** Milliseconds since a request last ran; 0 while one does. */
  idleMs(): number
}

/**
 * The HTTP application: guards, declared routes, the interface's own description, the built web desk.
 * It does not listen yet.
 */
export async function createServer(
  desk: Desk,
  parts: Parts,
  routes: readonly Handled[],
): Promise<HttpServer> {
  const app: FastifyInstance = Fastify({
    loggerInstance: desk.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }), // addresses hold search words and ids; metrics count requests instead
    genReqId: () => desk.newId(),
    bodyLimit: 4 * 1024 * 1024,
    routerOptions: { maxParamLength: 2048 },
    return503OnClosing: true,
    forceCloseConnections: 'idle',
    requestTimeout: 0, // uploads take as long as they take; slow headers are still cut
    connectionTimeout: 0,
  })
  app.server.headersTimeout = 30_000
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.setErrorHandler(answerError)
  await app.register(cookie)
  await app.register(swagger, {
    openapi: { openapi: '3.1.0', info: { title: 'Amanat', version: '1', description: desk.config.deskName } },
    transform: jsonSchemaTransform,
  })
  const idleMs = watchActivity(app)
  addGuards(app, desk)
  countRequests(app)
  const described = (): unknown => app.swagger()
  registerRoutes(app, desk, parts, [...routes, ...docsHandlers(described)])
  if (parts.deskFolder === null) app.setNotFoundHandler(refuseUnknown)
  else await serveDesk(app, parts.deskFolder)
  await app.ready()
  return { app, idleMs }
}

function refuseUnknown(): never {
  throw new Refusal('no_such_route', 'There is nothing at this address. /api/docs lists what there is.')
}

function watchActivity(app: FastifyInstance): () => number {
  let open = 0
  let lastMs = Date.now()
  app.addHook('onRequest', async (_request, reply) => {
    open++
    reply.raw.once('close', () => {
      open--
      lastMs = Date.now()
    })
  })
  return () => (open > 0 ? 0 : Date.now() - lastMs)
}
