import { createHash } from 'node:crypto'
import { ObjectMissing } from '../../platform/objects/port.ts'
import type { Desk } from '../../platform/tx.ts'
import { payloadSize } from '../../proof/age.ts'
import { vaultOf } from './start.ts'
import * as store from './store.ts'

export interface BlobState {
  readonly address: string
  /** Before sealing. */
  readonly sizeBytes: number
  /** `intact`: the stored bytes have the address that names them. `erased`: destroyed by order, and gone. */
  readonly state: 'intact' | 'missing' | 'changed' | 'erased' | 'erased_but_there' | 'unknown'
  readonly erasedBy: string | null
}

/** Rereads a blob's stored bytes and compares them with their address; needs no key and reveals nothing. */
export async function rehashBlob(desk: Desk, address: string): Promise<BlobState> {
  const [row] = await store.find(desk.db, [address])
  if (row === undefined) return { address, sizeBytes: 0, state: 'unknown', erasedBy: null }
  return stateOf(desk, { address, sizeBytes: row.size_bytes, erasedBy: row.erased_by })
}

/** Every blob of the register, one after another, in the order of their addresses. */
export async function* rehashAll(desk: Desk): AsyncGenerator<BlobState> {
  let after = ''
  for (;;) {
    const rows = await store.listAfter(desk.db, after, 500)
    for (const row of rows)
      yield await stateOf(desk, { address: row.address, sizeBytes: row.size_bytes, erasedBy: row.erased_by })
    const last = rows.at(-1)
    if (last === undefined) return
    after = last.address
  }
}

async function stateOf(
  desk: Desk,
  blob: { readonly address: string; readonly sizeBytes: number; readonly erasedBy: string | null },
): Promise<BlobState> {
  const { address, sizeBytes, erasedBy } = blob
  const { store: objects } = await vaultOf(desk)
  if (erasedBy !== null) {
    const left = await objects.stat(address)
    return { address, sizeBytes, state: left === null ? 'erased' : 'erased_but_there', erasedBy }
  }
  try {
    const hash = createHash('sha256')
    // One byte more than there should be, so that something appended is read and seen.
    for await (const bytes of objects.read(address, 0, payloadSize(sizeBytes) + 1)) hash.update(bytes)
    return { address, sizeBytes, state: hash.digest('hex') === address ? 'intact' : 'changed', erasedBy }
  } catch (error) {
    if (error instanceof ObjectMissing) return { address, sizeBytes, state: 'missing', erasedBy }
    throw error
  }
}
