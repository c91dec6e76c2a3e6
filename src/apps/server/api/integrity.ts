import * as contract from '../../../contract/integrity.ts'
import * as audits from '../../../modules/integrity/audit.ts'
import { backUp, requireKnownFolder } from '../../../modules/integrity/backup.ts'
import { certifyItem } from '../../../modules/integrity/certify.ts'
import { checkItem } from '../../../modules/integrity/check.ts'
import * as erasures from '../../../modules/integrity/erasures.ts'
import { logStatus } from '../../../modules/integrity/log-status.ts'
import { inTransaction } from '../../../platform/tx.ts'
import { handle, type Handled } from '../handle.ts'

export const integrityHandlers: readonly Handled[] = [
  handle(contract.checkItem, ({ desk, actor }, { params }) => checkItem(desk, actor, params.id)),
  handle(contract.certifyItem, async ({ desk, actor }, { params }) => {
    const { registrationNumber, bytes } = await certifyItem(desk, actor, params.id)
    const fileName = `${(registrationNumber ?? params.id).replaceAll(/[^\w.-]+/g, '-')}.certificate.json`
    return { type: 'application/json', body: bytes, sizeBytes: bytes.length, fileName }
  }),
  handle(contract.startAudit, ({ desk, actor }) => inTransaction(desk, actor, audits.startAudit)),
  handle(contract.listAudits, ({ desk, actor }) =>
    inTransaction(desk, actor, async (tx) => ({ audits: await audits.listAudits(tx) })),
  ),
  handle(contract.readAudit, ({ desk, actor }, { params }) =>
    inTransaction(desk, actor, (tx) => audits.readAudit(tx, params.id)),
  ),
  handle(contract.readLogStatus, ({ desk, actor }) => logStatus(desk, actor)),
  handle(contract.startBackup, async ({ desk, actor, local }, { body }) => {
    if (!local) await requireKnownFolder(desk, actor, body.to)
    return backUp(desk, actor, body.to)
  }),
  handle(contract.listErasures, ({ desk, actor }) =>
    inTransaction(desk, actor, async (tx) => ({ erasures: await erasures.listErasures(tx) })),
  ),
  handle(contract.proposeErasure, ({ desk, actor }, { body }) =>
    inTransaction(desk, actor, (tx) => erasures.proposeErasure(tx, body)),
  ),
  handle(contract.approveErasure, ({ desk, actor }, { params }) =>
    inTransaction(desk, actor, (tx) => erasures.approveErasure(tx, params.id)),
  ),
  handle(contract.confirmCopies, ({ desk, actor }, { params }) =>
    inTransaction(desk, actor, (tx) => erasures.confirmCopies(tx, params.id)),
  ),
  handle(contract.withdrawErasure, ({ desk, actor }, { params }) =>
    inTransaction(desk, actor, (tx) => erasures.withdrawErasure(tx, params.id)),
  ),
]
