import type { Desk } from '../../platform/tx.ts'

/** Passwords given for a retry: in memory only, gone with the item's reading or the process. */
const given = new WeakMap<Desk, Map<string, readonly string[]>>()

export function givePasswords(desk: Desk, itemIds: readonly string[], passwords: readonly string[]): void {
  if (passwords.length === 0) return
  const known = given.get(desk) ?? new Map<string, readonly string[]>()
  given.set(desk, known)
  for (const id of itemIds) known.set(id, passwords)
}

export function passwordsOf(desk: Desk, itemId: string): readonly string[] {
  return given.get(desk)?.get(itemId) ?? []
}

/** What came out of a container may be locked with the same password. */
export function handDownPasswords(desk: Desk, parentId: string, childIds: readonly string[]): void {
  givePasswords(desk, childIds, passwordsOf(desk, parentId))
}

export function forgetPasswords(desk: Desk, itemIds: readonly string[]): void {
  for (const id of itemIds) given.get(desk)?.delete(id)
}
