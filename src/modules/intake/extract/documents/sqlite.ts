import { DatabaseSync } from 'node:sqlite'
import { Gathering } from '../gather.ts'
import type { Extractor } from '../port.ts'

const VERSION = '1'
const TABLE_CHARS = 8_000_000
const PIECE = 400_000
const CELL_CHARS = 20_000

/**
 * SQLite databases, as phones and browsers keep them: a part a table, rows as lines with column names
 * first. Opened read-only; pages left in a journal or deleted are not recovered.
 */
export const sqlite: Extractor = {
  name: 'sqlite',
  version: VERSION,
  reads: (type) => type.label === 'sqlite',
  async extract(input) {
    const gathering = new Gathering(input, `sqlite ${VERSION}`)
    const opened = await gathering.attempt('open', 'Not a readable SQLite database', () => {
      const database = new DatabaseSync(input.path, {
        readOnly: true,
        allowExtension: false,
        enableForeignKeyConstraints: false,
      })
      try {
        database.exec('PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA query_only = ON')
        for (const table of tablesOf(database, gathering)) readTable(database, table, gathering)
      } finally {
        database.close()
      }
    })
    return opened ? gathering.finish() : gathering.finish('unread')
  },
}

function tablesOf(database: DatabaseSync, gathering: Gathering): string[] {
  const rows = database
    .prepare("SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name LIMIT 2000")
    .all()
  gathering.found('database.tableCount', rows.length)
  return rows.filter((row) => !/^create virtual/i.test(String(row.sql ?? ''))).map((row) => String(row.name))
}

function readTable(database: DatabaseSync, table: string, gathering: Gathering): void {
  const step = `table ${table}`
  let lines: string[] = []
  let [size, total, row, first] = [0, 0, 0, 1]
  const flush = () => {
    gathering.part(
      first === 1 ? `table "${table}"` : `table "${table}", from row ${first}`,
      lines.join('\n'),
      { table, row: first },
    )
    lines = []
    size = 0
    first = row + 1
  }
  try {
    const statement = database.prepare(`SELECT * FROM "${table.replaceAll('"', '""')}"`)
    statement.setReadBigInts(true)
    for (const values of statement.iterate()) {
      if (row === 0) lines.push(Object.keys(values).join('\t'))
      row += 1
      const line = Object.values(values).map(cell).join('\t')
      lines.push(line)
      size += line.length
      total += line.length
      if (size > PIECE) flush()
      if (total < TABLE_CHARS && !gathering.pressed() && !gathering.textFullNow) continue
      gathering.notice(
        'truncated',
        `The table “${table}” is larger than what is indexed; the rest stays in the file.`,
        { step, lost: true },
      )
      break
    }
  } catch (error) {
    gathering.notice(
      'broken',
      `The table “${table}” is damaged after row ${row} (${String(error).slice(0, 120)}).`,
      { step, lost: true },
    )
  }
  flush()
}

function cell(value: unknown): string {
  if (value === null) return ''
  if (value instanceof Uint8Array) return `[${value.length} bytes]`
  return String(value)
    .slice(0, CELL_CHARS)
    .replaceAll(/[\t\n\r]+/g, ' ')
}
