// Indexes, changes and merges without end, and says each subject's id once its transaction is durable. Killed by its test.
import { randomBytes } from 'node:crypto'
import { uuidV7 } from '../../src/base/ids.ts'
import { indexSubject } from '../../src/modules/search/index-subject.ts'
import { mergeWhenNeeded } from '../../src/modules/search/merge-when-needed.ts'
import { SYSTEM_ACTOR } from '../../src/platform/actor.ts'
import { loadConfig } from '../../src/platform/config.ts'
import { connect } from '../../src/platform/connect.ts'
import { createLogger } from '../../src/platform/log.ts'
import { inTransaction, type Desk } from '../../src/platform/tx.ts'

const { login, home } = JSON.parse(process.argv[2] ?? '{}') as { login: object; home: string }
const desk: Desk = {
  db: connect(login, 4).db,
  home,
  now: () => new Date(),
  config: loadConfig(home, {}),
  random: (bytes) => randomBytes(bytes),
  newId: () => uuidV7(Date.now(), randomBytes(10)),
  log: createLogger('silent'),
  entryKey: { keyId: 'test', sign: () => new Uint8Array(64) },
  signal: new AbortController().signal,
}
const put = (subjectId: string, text: string): Promise<void> =>
  inTransaction(desk, SYSTEM_ACTOR, (tx) =>
    indexSubject(tx, {
      subjectType: 'item',
      subjectId,
      compartmentId: subjectId,
      collectionId: null,
      name: 'crash',
      facets: {},
      firstDay: null,
      lastDay: null,
      passages: [{ label: '', start: 0, end: text.length, text }],
    }),
  )
for (let round = 0; ; round++) {
  const id = desk.newId()
  await put(id, `survivor ${round}`)
  process.stdout.write(`${id}\n`)
  if (round % 3 === 0) await put(id, `survivor changed ${round}`)
  if (round % 10 === 9) await mergeWhenNeeded(desk)
}
