import canonicalize from 'canonicalize'
import { equalBytes } from '../base/bytes.ts'
import { malformed } from './malformed.ts'
import { fromUtf8, toUtf8 } from './utf8.ts'

/** What JSON can hold. Integers beyond 2^53 do not survive: write them as text. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject
export interface JsonObject {
  readonly [name: string]: JsonValue
}

/** No document of ours nests deeper; a deeper one is refused before it is parsed. */
export const MAX_DEPTH = 32

/** The RFC 8785 bytes of a value. Refuses malformed: values that JSON or RFC 8785 cannot hold. */
export function toCanonical(value: JsonValue): Uint8Array {
  requireJson(value, 0)
  return toUtf8(canonicalize(value) as string)
}

/**
 * Reads RFC 8785 bytes and nothing else: the bytes must equal the canonical form of what they say.
 * So duplicate names, white space, other spellings of a number and unsorted names are all refused,
 * and one value has exactly one spelling.
 *
 * Refuses malformed: over `maxBytes`, deeper than MAX_DEPTH, not UTF-8, not JSON, not canonical.
 */
export function fromCanonical(bytes: Uint8Array, maxBytes: number): JsonValue {
  if (bytes.length > maxBytes) throw malformed(`the document is larger than ${maxBytes} bytes`)
  const text = fromUtf8(bytes)
  requireShallow(text)
  const value = parseJson(text)
  if (!equalBytes(toCanonical(value), bytes)) throw malformed('the document is not canonical JSON (RFC 8785)')
  return value
}

function parseJson(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue
  } catch (cause) {
    throw malformed('the document is not JSON', { cause: String(cause) })
  }
}

/** Counts brackets outside strings, so that no recursive reader meets a deep document. */
function requireShallow(text: string): void {
  let depth = 0
  let inString = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (inString) {
      if (code === 0x5c) at++
      else if (code === 0x22) inString = false
    } else if (code === 0x22) inString = true
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > MAX_DEPTH) throw malformed(`the document nests deeper than ${MAX_DEPTH}`)
    } else if (code === 0x7d || code === 0x5d) depth--
  }
}

function requireJson(value: unknown, depth: number): void {
  if (depth > MAX_DEPTH) throw malformed(`the value nests deeper than ${MAX_DEPTH}`)
  if (value === null || typeof value === 'boolean') return
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw malformed('a number is not finite')
  } else if (typeof value === 'string') {
    if (!value.isWellFormed()) throw malformed('a text holds a lone surrogate')
  } else if (Array.isArray(value)) {
    for (const part of value) requireJson(part, depth + 1)
  } else if (typeof value === 'object' && isPlain(value)) {
    for (const [name, part] of Object.entries(value)) {
      requireJson(name, depth)
      requireJson(part, depth + 1)
    }
  } else throw malformed(`a value of type ${typeof value} is not JSON`)
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype as object) === null
}
