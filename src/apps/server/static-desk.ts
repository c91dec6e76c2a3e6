import path from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { Refusal } from '../../base/refusal.ts'

/**
 * Serves the built web desk: files with a digest in their name are kept by browsers for good, the page itself is
 * asked for again each time. Prefers the `.br` and `.gz` that the build wrote beside each file. Any other address
 * outside `/api` is a page of the desk, which finds its way by itself.
 */
export async function serveDesk(app: FastifyInstance, folder: string): Promise<void> {
  await app.register(fastifyStatic, {
    root: folder,
    preCompressed: true,
    index: ['index.html'],
    cacheControl: false,
    dotfiles: 'deny',
    setHeaders: (response, file) => {
      const lasting = path.relative(folder, file).split(path.sep)[0] === 'assets'
      response.header('cache-control', lasting ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
  app.setNotFoundHandler((request, reply) => {
    const page = request.method === 'GET' && !/^\/(api|assets)(\/|$)/.test(request.url)
    if (page && (request.headers.accept ?? '').includes('text/html'))
      return reply.header('cache-control', 'no-cache').sendFile('index.html')
    throw new Refusal('no_such_route', 'There is nothing at this address. /api/docs lists what there is.')
  })
}
