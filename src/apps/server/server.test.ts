import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { Refusal } from '../../base/refusal.ts'
import { route } from '../../contract/route.ts'
import { createTestDesk } from '../../../test/support/desk.ts'
import { createServer } from './create-server.ts'
import { isDatabaseLoss } from './errors.ts'
import { handle, type Handled } from './handle.ts'
import type { Parts } from './parts.ts'
import { attachment } from './stream.ts'

const MARK = { host: '127.0.0.1', 'x-amanat': 'desk' }

function partsFor(deskFolder: string | null = null): Parts {
  return {
    health: [],
    publicUrl: () => new URL('http://127.0.0.1:7420/'),
    operatorToken: 'x'.repeat(40),
    closing: new AbortController().signal,
    deskFolder,
  }
}

const echo = route({
  method: 'POST',
  path: '/api/echo/:id',
  tag: 'test',
  access: 'public',
  params: z.object({ id: z.string() }),
  body: z.object({ count: z.int() }),
  answer: z.object({ id: z.string(), count: z.int() }),
  summary: 'echo',
})
const failing = route({ method: 'GET', path: '/api/fails', tag: 'test', access: 'public', summary: 'fails' })
const refusing = route({
  method: 'GET',
  path: '/api/refuses',
  tag: 'test',
  access: 'public',
  summary: 'refuses',
})
const streaming = route({
  method: 'GET',
  path: '/api/streams',
  tag: 'test',
  access: 'public',
  kind: 'stream',
  query: z.object({ cut: z.coerce.boolean().default(false) }),
  summary: 'streams',
})
const uploading = route({
  method: 'PUT',
  path: '/api/uploads',
  tag: 'test',
  access: 'public',
  kind: 'upload',
  answer: z.object({ bytes: z.int() }),
  summary: 'uploads',
})
const watching = route({
  method: 'GET',
  path: '/api/watches',
  tag: 'test',
  access: 'public',
  kind: 'events',
  summary: 'watches',
})

const refusingWatch = route({
  method: 'GET',
  path: '/api/watches-nothing',
  tag: 'test',
  access: 'public',
  kind: 'events',
  summary: 'refuses to be watched',
})

const routes: readonly Handled[] = [
  handle(refusingWatch, async () => refuseLate()),
  handle(echo, async (_, { params, body }) => ({ ...params, ...body, secret: 'never declared' })),
  handle(failing, async () => {
    throw new Error('the inside of things')
  }),
  handle(refusing, async () => {
    throw new Refusal('disk_full', 'The disk is full.')
  }),
  handle(streaming, async (_, { query }) => ({
    type: 'text/plain',
    fileName: 'گزارش "1".txt',
    body: (async function* () {
      yield 'first '
      if (query.cut) throw new Error('cut in the middle')
      yield 'second'
    })(),
  })),
  handle(uploading, async ({ body }) => {
    let bytes = 0
    for await (const chunk of body) bytes += (chunk as Buffer).length
    return { bytes }
  }),
  handle(watching, async () =>
    (async function* () {
      yield { event: 'progress', data: { done: 1 } }
      yield { event: 'end', data: { done: 2 } }
    })(),
  ),
]

/** As a generator refuses: not when it is made, but when it is first asked. */
async function* refuseLate(): AsyncGenerator<{ event: string; data: unknown }> {
  await sleep(5)
  if (routes.length > 0) throw new Refusal('not_found', 'There is nothing to watch.')
  yield { event: 'never', data: null }
}

async function serverFor(t: TestContext, deskFolder: string | null = null) {
  const desk = await createTestDesk(t)
  const { app } = await createServer(desk, partsFor(deskFolder), routes)
  t.after(() => app.close())
  return { desk, app }
}

test('answers hold only what the route declares; wrong input names the field', async (t) => {
  const { app } = await serverFor(t)
  const send = (payload: object) => app.inject({ method: 'POST', url: '/api/echo/a', headers: MARK, payload })
  assert.deepEqual((await send({ count: 3 })).json(), { id: 'a', count: 3 })
  const wrong = await send({ count: 'many' })
  assert.equal(wrong.statusCode, 400)
  assert.match(wrong.json().detail, /count: /)
  assert.equal(wrong.json().facts.fields[0].field, 'count')
  const broken = await app.inject({
    method: 'POST',
    url: '/api/echo/a',
    headers: { ...MARK, 'content-type': 'application/json' },
    payload: '{"count":',
  })
  assert.deepEqual([broken.statusCode, broken.json().code], [400, 'invalid_input'])
  const large = await send({ count: 1, filler: 'x'.repeat(5 * 1024 * 1024) })
  assert.deepEqual([large.statusCode, large.json().code], [413, 'too_large'])
})

test('a fault says nothing of the inside and gives a number to quote; a refusal has its own status', async (t) => {
  const { app } = await serverFor(t)
  const fault = await app.inject({ url: '/api/fails', headers: MARK })
  assert.equal(fault.statusCode, 500)
  assert.ok(!fault.body.includes('inside of things'))
  assert.ok(fault.json().detail.includes(fault.json().facts.requestId))
  const refused = await app.inject({ url: '/api/refuses', headers: MARK })
  assert.deepEqual([refused.statusCode, refused.json().code], [507, 'disk_full'])
})

test('a change from elsewhere is refused: no mark, another origin, another host', async (t) => {
  const { app } = await serverFor(t)
  const send = async (headers: Record<string, string>) => {
    const answer = await app.inject({ method: 'POST', url: '/api/echo/a', headers, payload: { count: 1 } })
    return [answer.statusCode, answer.json().code ?? null]
  }
  assert.deepEqual(await send(MARK), [200, null])
  assert.deepEqual(await send({ host: '127.0.0.1' }), [403, 'unmarked_request'])
  assert.deepEqual(await send({ ...MARK, origin: 'https://elsewhere.example' }), [403, 'unmarked_request'])
  assert.deepEqual(await send({ ...MARK, origin: 'null' }), [403, 'unmarked_request'])
  assert.deepEqual(await send({ ...MARK, origin: 'http://127.0.0.1' }), [200, null])
  assert.deepEqual(await send({ ...MARK, host: 'rebound.example' }), [421, 'host_unknown'])
})

test('every answer forbids scripts from elsewhere and being framed', async (t) => {
  const { app } = await serverFor(t)
  for (const url of ['/api/openapi.json', '/api/docs', '/nowhere', '/api/fails']) {
    const { headers } = await app.inject({ url, headers: MARK })
    assert.match(String(headers['content-security-policy']), /default-src 'none'.*frame-ancestors 'none'/)
    assert.doesNotMatch(
      String(headers['content-security-policy']),
      /script-src[^;]*(unsafe-inline|https?:|\*)/,
    )
    assert.equal(headers['x-content-type-options'], 'nosniff')
  }
})

test('the interface describes itself: every route, no dangling reference', async (t) => {
  const { app } = await serverFor(t)
  const text = (await app.inject({ url: '/api/openapi.json', headers: MARK })).body
  const document = JSON.parse(text) as { paths: Record<string, unknown>; components?: { schemas?: object } }
  for (const { spec } of routes) assert.ok(document.paths[spec.path.replace(/:(\w+)/g, '{$1}')], spec.path)
  const known = Object.keys(document.components?.schemas ?? {})
  for (const [, name] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g))
    assert.ok(known.includes(name!), name)
  assert.match((await app.inject({ url: '/api/docs', headers: MARK })).body, /\/api\/echo\//)
})

test('a stream that fails in the middle is cut, never ended as if it were whole', async (t) => {
  const { app } = await serverFor(t)
  const whole = await app.inject({ url: '/api/streams', headers: MARK })
  assert.equal(whole.body, 'first second')
  assert.match(String(whole.headers['content-disposition']), /filename\*=UTF-8''%DA%AF/)
  const address = new URL(await app.listen({ host: '127.0.0.1', port: 0 }))
  await assert.rejects(fetch(new URL('/api/streams?cut=1', address)).then((answer) => answer.text()))
})

test('uploads are raw whatever their type says', async (t) => {
  const { app } = await serverFor(t)
  for (const type of ['application/json', 'text/html', 'application/octet-stream']) {
    const headers = { ...MARK, 'content-type': type }
    const answer = await app.inject({ method: 'PUT', url: '/api/uploads', headers, payload: '{"not": json' })
    assert.deepEqual(answer.json(), { bytes: 12 })
  }
})

test('events arrive in order and the stream ends with them', async (t) => {
  const { app } = await serverFor(t)
  const address = new URL(await app.listen({ host: '127.0.0.1', port: 0 }))
  const answer = await fetch(new URL('/api/watches', address))
  assert.match(String(answer.headers.get('content-type')), /text\/event-stream/)
  assert.ok(answer.headers.get('content-security-policy'))
  assert.equal(await answer.text(), 'event: progress\ndata: {"done":1}\n\nevent: end\ndata: {"done":2}\n\n')
})

test('a refusal before the first event is an answer, not an event', async (t) => {
  const { app } = await serverFor(t)
  const answer = await app.inject({ url: '/api/watches-nothing', headers: MARK })
  assert.deepEqual([answer.statusCode, answer.json().code], [404, 'not_found'])
})

test('the web desk: lasting files are kept, pages find their own way, nothing outside is served', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'amanat-desk-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const { mkdirSync } = await import('node:fs')
  mkdirSync(path.join(folder, 'assets'))
  writeFileSync(path.join(folder, 'index.html'), '<!doctype html><title>desk</title>')
  writeFileSync(path.join(folder, 'assets/main-1a2b.js'), 'export {}')
  writeFileSync(path.join(folder, 'assets/main-1a2b.js.br'), 'compressed')
  writeFileSync(path.join(folder, '.hidden'), 'secret')
  const { app } = await serverFor(t, folder)
  const get = (url: string, headers: Record<string, string> = {}) =>
    app.inject({ url, headers: { ...MARK, accept: 'text/html', ...headers } })
  const page = await get('/items/some-id')
  assert.deepEqual([page.statusCode, page.headers['cache-control']], [200, 'no-cache'])
  assert.match(page.body, /<title>desk/)
  const script = await get('/assets/main-1a2b.js', { 'accept-encoding': 'br' })
  assert.match(String(script.headers['cache-control']), /immutable/)
  assert.equal(script.headers['content-encoding'], 'br')
  for (const url of [
    '/api/nowhere',
    '/assets/missing.js',
    '/.hidden',
    '/../package.json',
    '/%2e%2e/package.json',
  ]) {
    const answer = await get(url)
    assert.ok(!answer.body.includes('secret') && !answer.body.includes('"name"'), url)
  }
  assert.equal((await get('/api/nowhere')).json().code, 'no_such_route')
})

test('names with quotes, line ends and other scripts make one harmless header', () => {
  const header = attachment('a"b\r\nSet-Cookie: x; گزارش.pdf')
  assert.ok(![...header].some((letter) => letter.charCodeAt(0) < 32 || letter.charCodeAt(0) > 126))
  assert.match(header, /^attachment; filename="a_b__Set-Cookie: x; _+\.pdf"; filename\*=UTF-8''a%22b/)
})

test('only a lost connection counts as a lost database', () => {
  const error = (fields: object) => Object.assign(new Error('x'), fields)
  assert.ok(isDatabaseLoss(error({ code: 'ECONNREFUSED', syscall: 'connect' })))
  assert.ok(isDatabaseLoss(error({ code: '57P01' })))
  assert.ok(!isDatabaseLoss(error({ code: 'ENOENT', syscall: 'open' })))
  assert.ok(!isDatabaseLoss(error({ code: '23505' })))
})

/** A desk started as its own process, as the command line starts it. */
async function startChild(
  home: string,
): Promise<{ child: ReturnType<typeof spawn>; address: URL; link: string | null }> {
  const program = `
    const { startDesk } = await import(${JSON.stringify(path.join(import.meta.dirname, 'start.ts'))})
    const root = ${JSON.stringify(path.join(import.meta.dirname, '../../..'))}
    const environment = { AMANAT_PORT: '0', AMANAT_LOG_LEVEL: 'silent' }
    const desk = await startDesk({ home: ${JSON.stringify(home)}, root, environment })
    process.stdout.write(JSON.stringify({ address: desk.address.href, link: desk.firstAdministratorLink }) + '\\n')
    process.once('SIGTERM', () => desk.stop().then(() => process.exit(0)))`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const line = await new Promise<string>((resolve, reject) => {
    let text = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8')
      if (text.includes('\n')) resolve(text)
    })
    child.once('exit', (code) => reject(new Error(`the desk ended with ${code}`)))
  })
  const said = JSON.parse(line) as { address: string; link: string | null }
  return { child, address: new URL(said.address), link: said.link }
}

function overSocket(socketPath: string, token: string, url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` }
    request({ socketPath, path: url, headers }, (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
      .once('error', reject)
      .end()
  })
}

test('a desk starts, serves its socket to its own user, survives kill -9, and stops in order', async (t) => {
  const { startDesk } = await import('./start.ts')
  const { runFiles } = await import('../../platform/run-folder.ts')
  const home = mkdtempSync(path.join(tmpdir(), 'amanat-start-'))
  t.after(() => rmSync(home, { recursive: true, force: true }))
  const root = path.join(import.meta.dirname, '../../..')
  const first = await startChild(home)
  assert.ok(first.link)
  const files = runFiles(home)
  const token = readFileSync(files.token, 'utf8')
  assert.equal(statSync(files.token).mode & 0o777, 0o600)
  assert.equal(statSync(files.socket).mode & 0o777, 0o600)
  assert.equal(await overSocket(files.socket, token, '/api/people'), 200)
  assert.equal(await overSocket(files.socket, 'x'.repeat(43), '/api/people'), 401)
  const guessed = await fetch(new URL('/api/people', first.address), {
    headers: { authorization: `Bearer ${token}` },
  })
  assert.equal(guessed.status, 401, 'the operator’s token is worth nothing over the network')
  await assert.rejects(startDesk({ home, root, environment: { AMANAT_PORT: '0' } }), { code: 'desk_running' })

  const secret = new URL(first.link).hash.slice(1)
  const order = { secret, name: 'Fictional One', signInName: 'one', password: 'a long enough sentence' }
  const joined = await fetch(new URL('/api/invitations/accept', first.address), {
    method: 'POST',
    headers: { 'x-amanat': 'desk', 'content-type': 'application/json' },
    body: JSON.stringify(order),
  })
  assert.equal(joined.status, 200)
  const [cookie = ''] = joined.headers.getSetCookie()
  assert.match(cookie, /HttpOnly/)
  assert.match(cookie, /SameSite=Strict/)

  first.child.kill('SIGKILL')
  await new Promise((resolve) => first.child.once('exit', resolve))
  const second = await startChild(home)
  assert.equal(second.link, null, 'what was acknowledged is there: the administrator')
  const again = await fetch(new URL('/api/account', second.address), {
    headers: { cookie: cookie.split(';')[0] ?? '' },
  })
  assert.equal(again.status, 200, 'the session goes on')
  const health = await fetch(new URL('/healthz', second.address))
  assert.deepEqual([health.status, ((await health.json()) as { status: string }).status], [200, 'ok'])

  second.child.kill('SIGTERM')
  const code = await new Promise((resolve) => second.child.once('exit', resolve))
  assert.equal(code, 0)
  for (const file of [files.lock, files.token, files.ready, files.socket]) assert.ok(!existsSync(file), file)
  await sleep(50)
  assert.ok(!existsSync(path.join(home, 'postgres/data/postmaster.pid')), 'the database was stopped')
})

test('an occupied port is refused with the remedy, and nothing keeps running', async (t) => {
  const { startDesk } = await import('./start.ts')
  const { createServer: createPlain } = await import('node:http')
  const home = mkdtempSync(path.join(tmpdir(), 'amanat-port-'))
  const blocker = createPlain().listen(0, '127.0.0.1')
  await new Promise((resolve) => blocker.once('listening', resolve))
  t.after(() => {
    blocker.close()
    rmSync(home, { recursive: true, force: true })
  })
  const { port } = blocker.address() as { port: number }
  const root = path.join(import.meta.dirname, '../../..')
  const environment = { AMANAT_PORT: String(port), AMANAT_LOG_LEVEL: 'silent' }
  await assert.rejects(startDesk({ home, root, environment }), { code: 'port_occupied' })
  assert.ok(!existsSync(path.join(home, 'postgres/data/postmaster.pid')))
  assert.ok(!existsSync(path.join(home, 'run/supervisor.pid')))
})
