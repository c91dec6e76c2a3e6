import type { Call, Received, RouteSpec } from './route.ts'

/**
 * A caller of the HTTP interface, typed by the route declarations and free of their schemas at run time:
 * routes are named by `METHOD /path`, so that nothing but types is taken from the contract files.
 */
export type RoutesOf<Module> = Extract<Module[keyof Module], RouteSpec>

export type RouteName<All extends RouteSpec> = All extends RouteSpec
  ? `${All['method']} ${All['path']}`
  : never

export type Named<All extends RouteSpec, Name extends string> = All extends RouteSpec
  ? `${All['method']} ${All['path']}` extends Name
    ? All
    : never
  : never

type Given<T> = { [Part in keyof T as [T[Part]] extends [undefined] ? never : Part]: T[Part] }
type NoneRequired<T> = { [Key in keyof T]?: T[Key] }

type LaxQuery<T> = T extends { query: infer Query }
  ? Record<string, never> extends Query
    ? Omit<T, 'query'> & { query?: Query }
    : T
  : T

/** What a call to the route must bring: only the parts that it declares. */
export type Bring<T extends RouteSpec> = LaxQuery<Given<Call<T>>>

/** The arguments of a call: none where the route needs nothing. */
export type Arguments<T extends RouteSpec> =
  Record<string, never> extends NoneRequired<Bring<T>> & Bring<T> ? [bring?: Bring<T>] : [bring: Bring<T>]

export type AnswerOf<All extends RouteSpec, Name extends RouteName<All>> = Received<Named<All, Name>>

export interface PlainRequest {
  readonly method: string
  readonly url: string
  readonly body: string | undefined
}

interface Parts {
  readonly params?: unknown
  readonly query?: unknown
  readonly body?: unknown
}

/** Spells a call as method, address and JSON body. A missing path parameter is a fault of the caller. */
export function spellRequest(name: string, parts: Parts = {}): PlainRequest {
  const gap = name.indexOf(' ')
  const params = record(parts.params)
  const path = name.slice(gap + 1).replace(/:([A-Za-z]+)/g, (_, key: string) => {
    const value = params[key]
    if (value === undefined) throw new Error(`${name}: no value for ${key}`)
    return encodeURIComponent(String(value))
  })
  const query = spellQuery(record(parts.query))
  return {
    method: name.slice(0, gap),
    url: query ? `${path}?${query}` : path,
    body: parts.body === undefined ? undefined : JSON.stringify(parts.body),
  }
}

/** Absent, null and empty values are left out; a list repeats its name. */
export function spellQuery(query: Record<string, unknown>): string {
  const pairs: string[] = []
  for (const [key, value] of Object.entries(query))
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== undefined && one !== null && one !== '')
        pairs.push(`${encodeURIComponent(key)}=${encodeURIComponent(String(one))}`)
  return pairs.join('&')
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
