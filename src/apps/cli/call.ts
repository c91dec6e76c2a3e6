import { request as requestHttp, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { Readable } from 'node:stream'
import type { Received, RouteSpec, Call } from '../../contract/route.ts'
import { Refusal } from '../../base/refusal.ts'

/** Where a desk is reached: a socket in its folder, or an address with a token. */
export interface DeskAddress {
  readonly words: string
  readonly socketPath?: string
  readonly url?: URL
  readonly token: string
  /** Starts the desk again where nothing listens any more; gives the token of the new run. */
  readonly revive?: () => Promise<string>
}

/** A desk to call: every verb of the command line goes through here, on this machine or another. */
export interface DeskClient {
  readonly address: DeskAddress
  call<T extends RouteSpec>(spec: T, order?: Partial<Call<T>>): Promise<Received<T>>
  /** A streamed answer; the caller consumes or destroys it. */
  stream<T extends RouteSpec>(spec: T, order?: Partial<Call<T>>): Promise<IncomingMessage>
  /** Sends a raw body to a route of kind `upload`. */
  upload<T extends RouteSpec>(
    spec: T,
    order: Partial<Call<T>>,
    body: Readable | Buffer,
    headers?: Record<string, string>,
  ): Promise<Received<T>>
  /** Server-sent events of a route of kind `events`, until the server ends them. */
  events<T extends RouteSpec>(
    spec: T,
    order?: Partial<Call<T>>,
  ): AsyncIterable<{ event: string; data: unknown }>
}

/** A client for one desk. Refuses: desk_unreachable, and whatever the desk refuses. */
export function createClient(address: DeskAddress): DeskClient {
  const current = { ...address }
  const open = (
    spec: RouteSpec,
    order: Partial<Call<RouteSpec>>,
    body?: Readable | Buffer,
    headers: Record<string, string> = {},
  ) => sendOrRevive(current, spec, order as Loose, body, headers)
  return {
    address,
    call: async (spec, order = {}) => readJson(await open(spec, order as Loose)) as Promise<never>,
    stream: async (spec, order = {}) => expectOk(await open(spec, order as Loose)),
    upload: async (spec, order, body, headers) =>
      readJson(await open(spec, order as Loose, body, headers)) as Promise<never>,
    events: (spec, order = {}) => readEvents(() => open(spec, order as Loose)),
  }
}

interface Loose {
  params?: unknown
  query?: unknown
  body?: unknown
}

function fillPath(spec: RouteSpec, order: Loose): string {
  const params = (order.params ?? {}) as Record<string, string>
  const path = spec.path.replace(/:([a-zA-Z]+)/g, (_, key: string) =>
    encodeURIComponent(String(params[key] ?? '')),
  )
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries((order.query ?? {}) as Record<string, unknown>)) {
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== undefined && one !== null) search.append(key, String(one))
  }
  const text = search.toString()
  return text === '' ? path : `${path}?${text}`
}

/** Where nothing listens, nothing was sent: the same call may go to the desk that `revive` starts. */
async function sendOrRevive(
  current: { -readonly [Key in keyof DeskAddress]: DeskAddress[Key] },
  spec: RouteSpec,
  order: Loose,
  raw: Readable | Buffer | undefined,
  extra: Record<string, string>,
): Promise<IncomingMessage> {
  try {
    return await send(current, spec, order, raw, extra)
  } catch (error) {
    const code = error instanceof Refusal ? error.facts['cause'] : undefined
    const nobody = code === 'ECONNREFUSED' || code === 'ENOENT'
    if (!nobody || !current.revive || (raw !== undefined && !Buffer.isBuffer(raw))) throw error
    current.token = await current.revive()
    return send(current, spec, order, raw, extra)
  }
}

function send(
  address: DeskAddress,
  spec: RouteSpec,
  order: Loose,
  raw?: Readable | Buffer,
  extra: Record<string, string> = {},
): Promise<IncomingMessage> {
  const json = raw === undefined && order.body !== undefined ? Buffer.from(JSON.stringify(order.body)) : null
  const headers: Record<string, string | number> = {
    ...extra,
    authorization: `Bearer ${address.token}`,
    accept: 'application/json',
  }
  if (json) Object.assign(headers, { 'content-type': 'application/json', 'content-length': json.length })
  else if (raw !== undefined) headers['content-type'] ??= 'application/octet-stream'
  const target: RequestOptions = address.url
    ? {
        protocol: address.url.protocol,
        hostname: address.url.hostname.replace(/^\[|\]$/g, ''),
        port: address.url.port,
      }
    : { socketPath: address.socketPath, host: 'localhost' }
  const request = address.url?.protocol === 'https:' ? requestHttps : requestHttp
  return new Promise((resolve, reject) => {
    const sent = request({ ...target, method: spec.method, path: fillPath(spec, order), headers }, resolve)
    sent.once('error', (error) => reject(unreachable(address, error)))
    if (raw === undefined || Buffer.isBuffer(raw)) sent.end(raw ?? json ?? undefined)
    else raw.once('error', (error) => sent.destroy(error)).pipe(sent)
  })
}

/** What a connection that broke in the middle of an answer stands for; other errors as they are. */
export function namedLoss(address: DeskAddress, error: unknown): unknown {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
  const lost = code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE'
  return lost ? unreachable(address, error as NodeJS.ErrnoException) : error
}

function unreachable(address: DeskAddress, error: NodeJS.ErrnoException): Refusal {
  return new Refusal(
    'desk_unreachable',
    `The desk at ${address.words} cannot be reached (${error.message}). Nothing was changed by this call, or it will be found as done when you repeat it.`,
    { cause: error.code ?? null },
  )
}

async function readAll(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

async function expectOk(message: IncomingMessage): Promise<IncomingMessage> {
  const status = message.statusCode ?? 0
  if (status >= 200 && status < 300) return message
  const text = await readAll(message)
  let said: { code?: string; detail?: string; facts?: Record<string, unknown> }
  try {
    said = JSON.parse(text) as typeof said
  } catch {
    said = { code: 'fault', detail: `The desk answered ${status}: ${text.slice(0, 200)}` }
  }
  throw new Refusal(said.code ?? 'fault', said.detail ?? `The desk answered ${status}.`, said.facts ?? {})
}

async function readJson(message: IncomingMessage): Promise<unknown> {
  const text = await readAll(await expectOk(message))
  return text === '' ? undefined : (JSON.parse(text) as unknown)
}

async function* readEvents(
  open: () => Promise<IncomingMessage>,
): AsyncIterable<{ event: string; data: unknown }> {
  const message = await expectOk(await open())
  message.setEncoding('utf8')
  let waiting = ''
  for await (const chunk of message as AsyncIterable<string>) {
    waiting += chunk
    let end: number
    while ((end = waiting.indexOf('\n\n')) >= 0) {
      const event = parseEvent(waiting.slice(0, end))
      waiting = waiting.slice(end + 2)
      if (event) yield event
    }
  }
}

function parseEvent(block: string): { event: string; data: unknown } | null {
  let event = 'message'
  const data: string[] = []
  for (const line of block.split('\n')) {
    if (line.startsWith('event:')) event = line.slice(6).trim()
    else if (line.startsWith('data:')) data.push(line.slice(5).trimStart())
  }
  return data.length === 0 ? null : { event, data: JSON.parse(data.join('\n')) as unknown }
}
