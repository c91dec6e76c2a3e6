import { Refusal } from '../../base/refusal.ts'
import { nativePrimitives as p } from '../../platform/primitives-native.ts'
import { equalBytes } from '../../base/bytes.ts'
import type { Desk } from '../../platform/tx.ts'
import { edgeRoot, readEdge } from '../../proof/tiles.ts'
import { openLogFolder } from './log-folder.ts'
import { readCheckpoint } from './read.ts'
import type { LogSigner, SignerView } from './signer-process.ts'

/**
 * Continues the log openly from an older state that was restored: the signer gives up its promise on record, and a
 * new origin begins at the tree that is there. The desk is stopped; afterwards it starts as usual, and the caller
 * appends `ledger.log.continued` with what was lost.
 *
 * `lastKnownCheckpoint`: the newest signed note that anyone holds of the log given up; `approvals`: ids of the people.
 * Refuses: two_people_needed, log_damaged (the restored files are not whole), not_sealed_yet (there are none).
 */
export async function continueLog(
  desk: Pick<Desk, 'home' | 'now'>,
  signer: LogSigner,
  order: { readonly lastKnownCheckpoint: string; readonly approvals: readonly string[] },
): Promise<SignerView> {
  const { size, root } = await readCheckpoint(desk)
  const folder = openLogFolder(desk.home)
  const edge = await readEdge(size, (tile) => folder.read(tile))
  if (!equalBytes(edgeRoot(p, edge), root))
    throw new Refusal(
      'log_damaged',
      'The restored log does not give the root of its checkpoint. Nothing was changed. Restore it again.',
    )
  const { origin } = await signer.view()
  const at = desk.now().toISOString()
  return signer.continueLog({ newOrigin: nextOrigin(origin), size, root, at, ...order })
}

/** `amanat.org/log/<id>` → `amanat.org/log/<id>/2` → `…/3`: whoever reads it sees that it was continued. */
function nextOrigin(origin: string): string {
  const [, base = origin, count = '1'] = /^(amanat\.org\/log\/[0-9a-f]+)(?:\/(\d+))?$/.exec(origin) ?? []
  return `${base}/${Number(count) + 1}`
}
