import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyReply } from 'fastify'
import type { ServerEvent } from './handle.ts'

const HEARTBEAT_MS = 15_000

/** What refuses does so at once; a first event that comes later must not keep the caller waiting for an answer. */
const REFUSE_WITHIN_MS = 1000

/**
 * Sends server-sent events until they end or the caller goes away; the iterator is always closed. A refusal before
 * the first event is thrown, so that it is answered like any other.
 */
export async function sendEvents(
  reply: FastifyReply,
  events: AsyncIterable<ServerEvent>,
  signal: AbortSignal,
): Promise<FastifyReply> {
  const iterator = events[Symbol.asyncIterator]()
  const first = iterator.next()
  await Promise.race([first, sleep(REFUSE_WITHIN_MS, null, { ref: false })])
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
  void pump(reply, iterator, first, signal)
  return reply
}

async function pump(
  reply: FastifyReply,
  iterator: AsyncIterator<ServerEvent>,
  first: Promise<IteratorResult<ServerEvent>>,
  signal: AbortSignal,
): Promise<void> {
  const raw = reply.raw
  const aborted = new Promise<'gone'>((resolve) => {
    if (signal.aborted) resolve('gone')
    else signal.addEventListener('abort', () => resolve('gone'), { once: true })
  })
  const heartbeat = setInterval(() => raw.write(':\n\n'), HEARTBEAT_MS)
  try {
    for (let coming = first; ; coming = iterator.next()) {
      const next = await Promise.race([coming, aborted])
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
