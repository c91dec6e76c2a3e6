import type { PostgresPool } from 'kysely'
import pg from 'pg'

/** Sets who acts for the transaction under way: id, kind, session, roles. `inTransaction` sends it first. */
export const ACT_AS = `/* held: act_as */ select set_config('amanat.actor', $1, true),
  set_config('amanat.actor_kind', $2, true), set_config('amanat.session', $3, true),
  set_config('amanat.roles', $4, true)`

/** A statement marked so takes texts, gives no answer and waits for the next one; it is planned once a connection. */
const HELD = /^\/\* held: ([a-z_]+) \*\/ /
const NOTHING_YET: Answer = { command: 'SELECT', rowCount: 0, rows: [] }

/**
 * A pool for Kysely that spares round trips. Inside a transaction its start, its actor and statements marked as held
 * wait for the next other statement (at the latest the commit) and go ahead of it, in order, in one message under one
 * Sync: PostgreSQL skips everything after a failed one, so nothing runs outside its transaction, without its
 * actor, or is committed without what was held. What fails there is thrown by the statement that carried it.
 */
export function transactionPool(pool: pg.Pool): PostgresPool {
  const known = new WeakMap<pg.PoolClient, TransactionClient>()
  const connect = async (): Promise<TransactionClient> => {
    const client = await pool.connect()
    const made = known.get(client) ?? new TransactionClient(client)
    known.set(client, made)
    return made
  }
  // Kysely's type also names cursors and what cancels a query, which nothing here uses.
  return { options: pool.options, connect, end: () => pool.end() } as unknown as PostgresPool
}

interface Answer {
  readonly command: string
  readonly rowCount: number | null
  readonly rows: unknown[]
}

interface Statement {
  readonly name: string
  readonly text: string
  readonly values: unknown[]
}

class TransactionClient {
  private readonly client: pg.PoolClient
  /** In order, not sent yet; the first one is the start of the transaction, unless that was sent. */
  private held: Statement[] = []
  private state: 'none' | 'held' | 'open' = 'none'
  /** Names of statements that this connection has parsed. */
  private readonly parsed = new Set<string>()

  constructor(client: pg.PoolClient) {
    this.client = client
    // A connection that breaks between two statements must not end the process; the next statement fails.
    client.on('error', () => undefined)
  }

  release(): void {
    this.forget()
    this.client.release()
  }

  async query(text: string, values: readonly unknown[]): Promise<Answer> {
    if (text.startsWith('start transaction')) {
      this.state = 'held'
      return this.hold(text.replaceAll(' ', '_'), text, values)
    }
    if (this.state === 'none') return this.client.query({ text, values: [...values] })
    const name = HELD.exec(text)?.[1]
    if (name !== undefined) return this.hold(name, text, values)
    if (text === 'rollback') return this.rollback()
    if (text === 'commit') return this.commit()
    return this.carry({ name: '', text, values: [...values] })
  }

  private hold(name: string, text: string, values: readonly unknown[]): Answer {
    if (!values.every((value) => typeof value === 'string'))
      throw new TypeError(`the held statement ${name} takes texts only`)
    this.held.push({ name, text, values: [...values] })
    return NOTHING_YET
  }

  private async commit(): Promise<Answer> {
    const answer = await this.carry({ name: 'commit', text: 'commit', values: [] })
    // PostgreSQL answers a commit after a failed statement by rolling back, without an error.
    if (answer.command !== 'COMMIT')
      throw new Error('the transaction was not committed: a statement in it had failed')
    this.forget()
    return answer
  }

  private async rollback(): Promise<Answer> {
    const wasOpen = this.state === 'open'
    this.forget()
    return wasOpen ? this.client.query('rollback') : NOTHING_YET
  }

  private forget(): void {
    this.held = []
    this.state = 'none'
  }

  /** Sends what is held, then `last`, whose answer it returns. */
  private async carry(last: Statement): Promise<Answer> {
    const held = this.held
    this.held = []
    this.state = 'open'
    while (held[0] !== undefined && held.some((one) => !this.parsed.has(one.name))) {
      const first = held.shift() as Statement
      await this.client.query(first)
      this.parsed.add(first.name)
    }
    // A text without parameters may hold several statements, which cannot share a message with others.
    const isAlone = last.name === '' && last.values.length === 0
    if (isAlone && held.length > 0)
      await sendTogether(this.client, held.slice(0, -1), held.at(-1) as Statement)
    return isAlone || held.length === 0 ? this.client.query(last) : sendTogether(this.client, held, last)
  }
}

/** The parts of pg's Query that its types leave out. */
interface Answers {
  handleDataRow(message: unknown): void
  handleCommandComplete(message: unknown, connection: unknown): void
}

/** Rows and ends of the first `count` statements are not the query's own. */
function skipAnswers(query: Answers, count: number): void {
  const [row, end] = [query.handleDataRow.bind(query), query.handleCommandComplete.bind(query)]
  let left = count
  query.handleDataRow = (message) => {
    if (left === 0) row(message)
  }
  query.handleCommandComplete = (message, connection) => {
    if (left === 0) end(message, connection)
    else left--
  }
}

/** Sends statements that are parsed already, and `last`, as one message with one Sync; the answer is of `last`. */
function sendTogether(client: pg.PoolClient, ahead: readonly Statement[], last: Statement): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const query = new pg.Query(last, (error: Error | undefined, result: unknown) =>
      error ? reject(error) : resolve(result as Answer),
    )
    const submit = query.submit.bind(query)
    query.submit = (connection) => {
      connection.stream.cork()
      try {
        for (const { name, values } of ahead) {
          connection.bind({ statement: name, values: values as string[] }, true)
          connection.execute(null, true)
        }
        return submit(connection)
      } finally {
        connection.stream.uncork()
      }
    }
    skipAnswers(query as unknown as Answers, ahead.length)
    client.query(query)
  })
}
