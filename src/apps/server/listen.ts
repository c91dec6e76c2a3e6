import { chmodSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { Refusal } from '../../base/refusal.ts'

const locals = new WeakSet<Socket>()

/** True where a connection came through the socket in the desk's folder. */
export function isLocal(socket: Socket): boolean {
  return locals.has(socket)
}

/**
 * Listens on an address and returns it as people type it.
 *
 * Refuses: port_occupied.
 */
export async function listenOnAddress(app: FastifyInstance, host: string, port: number): Promise<URL> {
  try {
    const address = new URL(await app.listen({ host, port }))
    // Browsers give passkeys to names only, and "localhost" is the one name this machine has for itself.
    if (address.hostname === '127.0.0.1') address.hostname = 'localhost'
    return address
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL') throw error
    const why = code === 'EADDRINUSE' ? 'is taken by another program' : 'may not be used here'
    throw new Refusal(
      'port_occupied',
      `${host}:${port} ${why}; nothing was started. Choose another with AMANAT_PORT (0 takes any free one).`,
    )
  }
}

/** Serves the same routes on a socket (mode 0600) that only the desk's own user can open. */
export async function listenOnSocket(app: FastifyInstance, file: string): Promise<Server> {
  rmSync(file, { force: true })
  const server = createServer((request, response) => app.routing(request, response))
  server.requestTimeout = 0 // a large upload over the socket takes as long as it takes
  server.on('connection', (socket) => locals.add(socket))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(file, resolve)
  })
  chmodSync(file, 0o600)
  return server
}

/** Stops taking connections, lets running requests end for a while, then cuts what is left. */
export async function stopListening(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const cut = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed
  clearTimeout(cut)
}
