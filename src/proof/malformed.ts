import { Refusal } from '../base/refusal.ts'

/**
 * The refusal of every parser here: bytes that do not have the documented form.
 * `what` says what was read and what is wrong with it; nothing is ever repaired or guessed.
 */
export function malformed(what: string, facts: Record<string, unknown> = {}): Refusal {
  return new Refusal('malformed', what, facts)
}
