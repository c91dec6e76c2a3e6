import { once } from 'node:events'
import type { FastifyReply } from 'fastify'
import type { ServerEvent } from './handle.ts'

const HEARTBEAT_MS = 15_000

/** Sends server-sent events until they end or the caller goes away; the iterator is always closed. */
export function sendEvents(
  reply: FastifyReply,
  events: AsyncIterable<ServerEvent>,
  signal: AbortSignal,
): FastifyReply {
  const raw = reply.raw
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) raw.setHeader(name, value as string)
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  reply.hijack()
  raw.flushHeaders()
  void pump(reply, events, signal)
  return reply
}

async function pump(
  reply: FastifyReply,
  events: AsyncIterable<ServerEvent>,
  signal: AbortSignal,
): Promise<void> {
  const raw = reply.raw
  const iterator = events[Symbol.asyncIterator]()
  const aborted = new Promise<'gone'>((resolve) => {
    if (signal.aborted) resolve('gone')
    else signal.addEventListener('abort', () => resolve('gone'), { once: true })
  })
  const heartbeat = setInterval(() => raw.write(':\n\n'), HEARTBEAT_MS)
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), aborted])
      if (next === 'gone' || next.done) break
      const { event, data } = next.value
      if (!raw.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`))
        await Promise.race([once(raw, 'drain'), aborted])
    }
  } catch (fault) {
    reply.log.error({ fault, requestId: reply.request.id }, 'a stream of events failed')
    raw.write(`event: fault\ndata: ${JSON.stringify({ code: 'fault', requestId: reply.request.id })}\n\n`)
  } finally {
    clearInterval(heartbeat)
    void Promise.resolve(iterator.return?.()).catch((fault: unknown) => {
      reply.log.error({ fault }, 'a stream of events did not close')
    })
    raw.end()
  }
}
