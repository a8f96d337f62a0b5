import Database from 'better-sqlite3'

/** What taking stock, or putting it back, came to. */
export interface Moved {
  readonly sku: string
  readonly left: number
}

/** A line of the shop's own book. */
export interface Move {
  readonly change: number
  readonly at: string
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS stock (sku TEXT PRIMARY KEY, on_hand INTEGER NOT NULL CHECK (on_hand >= 0)) STRICT;
  CREATE TABLE IF NOT EXISTS move (
    idempotency_key TEXT PRIMARY KEY, order_id TEXT NOT NULL, sku TEXT NOT NULL,
    change INTEGER NOT NULL, left_over INTEGER NOT NULL, at TEXT NOT NULL
  ) STRICT;
  INSERT INTO stock VALUES ('kettle', 8), ('lamp', 5), ('radio', 4), ('clock', 3) ON CONFLICT DO NOTHING;
`

/** The shop's own database: a file beside the ledger, not part of it. */
export class Shop {
  readonly #database: Database.Database

  constructor(path: string) {
    this.#database = new Database(path)
    this.#database.pragma('journal_mode = WAL')
    this.#database.exec(SCHEMA)
  }

  /**
   * Takes from the stock, or puts back (`change` above 0), once per key: the key's row and the stock change together
   * or not at all. Undefined if there is not that much.
   */
  move(orderId: string, sku: string, change: number, idempotencyKey: string): Moved | undefined {
    const move = this.#database.transaction((): Moved | undefined => {
      const before = this.#moved(idempotencyKey)
      if (before !== undefined) return { sku, left: before }
      const left = this.#change(sku, change)
      if (left === undefined) return undefined
      this.#database
        .prepare('INSERT INTO move VALUES (?, ?, ?, ?, ?, ?)')
        .run(idempotencyKey, orderId, sku, change, left, new Date().toISOString())
      return { sku, left }
    })
    return move.immediate()
  }

  moves(orderId: string): readonly Move[] {
    return this.#database
      .prepare('SELECT change, at FROM move WHERE order_id = ? ORDER BY rowid')
      .all(orderId) as Move[]
  }

  onHand(sku: string): number {
    const row = this.#database.prepare('SELECT on_hand AS onHand FROM stock WHERE sku = ?').get(sku)
    return row === undefined ? 0 : (row as { onHand: number }).onHand
  }

  close(): void {
    this.#database.close()
  }

  #moved(idempotencyKey: string): number | undefined {
    const row = this.#database
      .prepare('SELECT left_over AS leftOver FROM move WHERE idempotency_key = ?')
      .get(idempotencyKey)
    return row === undefined ? undefined : (row as { leftOver: number }).leftOver
  }

  #change(sku: string, change: number): number | undefined {
    const row = this.#database
      .prepare('UPDATE stock SET on_hand = on_hand + ? WHERE sku = ? AND on_hand + ? >= 0 RETURNING on_hand AS onHand')
      .get(change, sku, change)
    return row === undefined ? undefined : (row as { onHand: number }).onHand
  }
}
