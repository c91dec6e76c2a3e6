import type { Said } from '../app/call.ts'

/** One item as its page has it. */
export type Item = Said<'GET /api/items/:id'>
