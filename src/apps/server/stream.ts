import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { Streamed } from './handle.ts'

/** Sends bytes as they come. A fault in the middle cuts the connection: a short file never looks whole. */
export async function sendStream(reply: FastifyReply, streamed: Streamed): Promise<FastifyReply> {
  reply.code(streamed.status ?? 200).type(streamed.type)
  if (streamed.sizeBytes !== undefined) reply.header('content-length', String(streamed.sizeBytes))
  if (streamed.fileName !== undefined) reply.header('content-disposition', attachment(streamed.fileName))
  for (const [name, value] of Object.entries(streamed.headers ?? {})) reply.header(name, value)
  reply.serializer((value: unknown) => value as string)
  const { body } = streamed
  if (typeof body === 'string') return reply.send(Buffer.from(body))
  if (body instanceof Uint8Array)
    return reply.send(Buffer.from(body.buffer, body.byteOffset, body.byteLength))
  return reply.send(Readable.from(body, { objectMode: false, highWaterMark: 256 * 1024 }))
}

/** RFC 6266 with an ASCII stand-in; control characters and quotes never reach the header. */
export function attachment(fileName: string): string {
  const plain = fileName.replaceAll(/[^\x20-\x7e]|["\\%]/g, '_')
  const spelled = encodeURIComponent(fileName.toWellFormed()).replaceAll(
    /['()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${plain}"; filename*=UTF-8''${spelled}`
}
