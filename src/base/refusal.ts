/**
 * A refusal is expected and coded: the caller asked for something that may not or cannot be done.
 * Everything else that is thrown is a fault: logged, counted, answered with 500.
 *
 * `code`: snake_case, listed once in `src/contract/refusals.ts` with its HTTP status and exit code.
 * `detail`: what happened, what was kept, what to do next; shown to the person as it stands.
 */
export class Refusal extends Error {
  readonly code: string
  readonly detail: string
  readonly facts: Readonly<Record<string, unknown>>

  constructor(code: string, detail: string, facts: Record<string, unknown> = {}) {
    super(`${code}: ${detail}`)
    this.name = 'Refusal'
    this.code = code
    this.detail = detail
    this.facts = facts
  }
}
