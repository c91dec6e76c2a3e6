import {
  QueryClient,
  useMutation,
  type UseMutationResult,
  useQuery,
  useQueryClient,
  type UseQueryResult,
} from '@tanstack/react-query'
import type * as evidence from '../../../contract/evidence.ts'
import {
  type AnswerOf,
  type Arguments,
  type Named,
  type RouteName,
  type RoutesOf,
  spellRequest,
} from '../../../contract/client.ts'
import type * as identity from '../../../contract/identity.ts'
import type * as intake from '../../../contract/intake.ts'
import type * as integrity from '../../../contract/integrity.ts'
import type * as jobs from '../../../contract/jobs.ts'
import type * as people from '../../../contract/people.ts'
import type * as search from '../../../contract/search.ts'
import { MARK_HEADER, MARK_VALUE } from '../../../contract/marks.ts'

export type Routes =
  | RoutesOf<typeof evidence.evidenceRoutes>
  | RoutesOf<typeof intake.intakeRoutes>
  | RoutesOf<typeof identity>
  | RoutesOf<typeof integrity>
  | RoutesOf<typeof jobs>
  | RoutesOf<typeof people>
  | RoutesOf<typeof search.searchRoutes>
export type Name = RouteName<Routes>
export type Said<N extends Name> = AnswerOf<Routes, N>
export type Asked<N extends Name> = Arguments<Named<Routes, N>>

/** What the desk said no to, or could not do: the server's words, shown as they stand. */
export class CallFailed extends Error {
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly facts: Readonly<Record<string, unknown>>
  /** What a person can quote when the desk itself was at fault. */
  readonly faultId: string | null

  constructor(
    status: number,
    code: string,
    detail: string,
    facts: Record<string, unknown>,
    faultId: string | null,
  ) {
    super(`${code}: ${detail}`)
    this.name = 'CallFailed'
    this.status = status
    this.code = code
    this.detail = detail
    this.facts = facts
    this.faultId = faultId
  }
}

const marks: Readonly<Record<string, string>> = { [MARK_HEADER]: MARK_VALUE }

/** Calls a route that answers with bytes (an export). */
export async function callForBytes<N extends Name>(name: N, ...[bring]: Asked<N>): Promise<Blob> {
  const { method, url, body } = spellRequest(name, bring ?? {})
  const headers = { 'content-type': 'application/json', ...marks }
  const answer = await reach(url, { method, headers, body: body ?? null })
  return answer.blob()
}

/** Calls a route by its name; throws CallFailed for anything but success. */
export async function call<N extends Name>(name: N, ...[bring]: Asked<N>): Promise<Said<N>> {
  const { method, url, body } = spellRequest(name, bring ?? {})
  const headers: Record<string, string> = { accept: 'application/json', ...(method === 'GET' ? {} : marks) }
  if (body !== undefined) headers['content-type'] = 'application/json'
  const answer = await reach(url, { method, headers, body: body ?? null })
  return (answer.status === 204 ? undefined : await answer.json()) as Said<N>
}

/** Sends bytes to an upload route. */
export async function upload<N extends Name>(
  name: N,
  bytes: Blob,
  signal: AbortSignal | null,
  ...[bring]: Asked<N>
): Promise<Said<N>> {
  const { method, url } = spellRequest(name, bring ?? {})
  const headers = { 'content-type': 'application/octet-stream', ...marks }
  const answer = await reach(url, { method, headers, body: bytes, signal })
  return (await answer.json()) as Said<N>
}

/** The address of a stream (a download), for a link. */
export function addressOf<N extends Name>(name: N, ...[bring]: Asked<N>): string {
  return spellRequest(name, bring ?? {}).url
}

async function reach(url: string, init: RequestInit): Promise<Response> {
  let answer: Response
  try {
    answer = await fetch(url, { ...init, credentials: 'same-origin', cache: 'no-store' })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new CallFailed(0, 'desk_unreachable', '', {}, null)
  }
  if (!answer.ok) throw await readFailure(answer)
  return answer
}

async function readFailure(answer: Response): Promise<CallFailed> {
  const text = await answer.text()
  const said = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {}
  const facts = (typeof said['facts'] === 'object' ? (said['facts'] ?? {}) : {}) as Record<string, unknown>
  const words = (key: string): string | null => (typeof said[key] === 'string' ? said[key] : null)
  return new CallFailed(
    answer.status,
    words('code') ?? 'fault',
    words('detail') ?? '',
    facts,
    typeof facts['requestId'] === 'string' ? facts['requestId'] : null,
  )
}

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // Reading an item is itself logged: nothing is read again because a window came to the front.
      refetchOnWindowFocus: false,
      // A refusal is final; a line that broke is tried twice more.
      retry: (tries, error) => tries < 2 && error instanceof CallFailed && error.status === 0,
    },
  },
})

interface Watch<T> {
  /** Asks again every so many milliseconds; may depend on what was answered last. */
  readonly everyMs?: number | false | ((last: T | undefined) => number | false)
  readonly enabled?: boolean
}

/** Reads a route and keeps the answer fresh. */
export function useAnswer<N extends Name>(
  name: N,
  bring?: Asked<N>[0],
  watch: Watch<Said<N>> = {},
): UseQueryResult<Said<N>> {
  const { everyMs = false, enabled = true } = watch
  return useQuery({
    queryKey: [name, bring ?? null],
    queryFn: () => call(name, ...([bring] as unknown as Asked<N>)),
    refetchInterval: typeof everyMs === 'function' ? (query) => everyMs(query.state.data) : everyMs,
    enabled,
  })
}

/** Carries out a route that changes something; everything on screen is then asked for again. */
export function useCommand<N extends Name>(name: N): UseMutationResult<Said<N>, Error, Asked<N>[0]> {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (bring: Asked<N>[0]) => call(name, ...([bring] as unknown as Asked<N>)),
    onSuccess: () => client.invalidateQueries(),
  })
}
