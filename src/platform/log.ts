import { pino, type DestinationStream, type Logger } from 'pino'

/** Keys whose values never reach a log line, at any depth that our own objects have. */
const SECRET_KEYS = [
  'password',
  'passphrase',
  'token',
  'secret',
  'cookie',
  'authorization',
  'fileKey',
  'salt',
  'text',
  'query',
  'name',
]

/**
 * Structured logs: one JSON object a line. No secret and no content of evidence: what is logged names
 * things by id, and the keys above are removed wherever somebody forgot that.
 */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const paths = SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`])
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths, remove: true },
    serializers: { fault: describeFault },
  }
  return destination ? pino(options, destination) : pino(options, pino.destination(2))
}

/** A fault without the values that PostgreSQL adds to its messages (they may be content). */
function describeFault(fault: unknown): unknown {
  if (!(fault instanceof Error)) return { message: String(fault) }
  const code = (fault as { code?: unknown }).code
  return {
    type: fault.name,
    message: fault.message.slice(0, 2000),
    code,
    stack: fault.stack
      ?.split('\n')
      .slice(1, 12)
      .map((line) => line.trim()),
  }
}
