import type { JsonObject, JsonValue } from './canonical.ts'
import { malformed } from './malformed.ts'

/** An object with exactly these fields (`optional` may be absent). Refuses malformed. */
export function fields(
  value: JsonValue | undefined,
  what: string,
  required: readonly string[],
  optional: readonly string[] = [],
): JsonObject {
  const found = object(value, what)
  for (const name of required)
    if (!Object.hasOwn(found, name)) throw malformed(`${what}: field "${name}" is missing`)
  for (const name of Object.keys(found))
    if (!required.includes(name) && !optional.includes(name))
      throw malformed(`${what}: unknown field "${name.slice(0, 60)}"`)
  return found
}

export function object(value: JsonValue | undefined, what: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformed(`${what} is not an object`)
  return value as JsonObject
}

export function list(value: JsonValue | undefined, what: string, most: number): readonly JsonValue[] {
  if (!Array.isArray(value)) throw malformed(`${what} is not a list`)
  if (value.length > most) throw malformed(`${what} holds more than ${most}`)
  return value as readonly JsonValue[]
}

/** A text of at most `most` UTF-16 units. */
export function text(value: JsonValue | undefined, what: string, most = Number.MAX_SAFE_INTEGER): string {
  if (typeof value !== 'string') throw malformed(`${what} is not a text`)
  if (value.length > most) throw malformed(`${what} is longer than ${most}`)
  return value
}

/** A whole number from 0 to 2^53 − 1. */
export function count(value: JsonValue | undefined, what: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw malformed(`${what} is not a whole number`)
  return value
}

/** A text that has the given form. */
export function shaped(value: JsonValue | undefined, what: string, form: RegExp): string {
  const found = text(value, what, 4096)
  if (!form.test(found)) throw malformed(`${what} does not have its form`)
  return found
}
