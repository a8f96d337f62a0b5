import Database from 'better-sqlite3'

/** What taking stock came to. */
export interface Taken {
  readonly sku: string
  readonly left: number
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS stock (sku TEXT PRIMARY KEY, on_hand INTEGER NOT NULL CHECK (on_hand >= 0)) STRICT;
  CREATE TABLE IF NOT EXISTS taken (
    idempotency_key TEXT PRIMARY KEY, sku TEXT NOT NULL, quantity INTEGER NOT NULL, left_over INTEGER NOT NULL
  ) STRICT;
  INSERT INTO stock VALUES ('kettle', 8), ('lamp', 5) ON CONFLICT DO NOTHING;
`

/** The shop's own database: a file beside the ledger, not part of it. */
export class Shop {
  readonly #database: Database.Database

  constructor(path: string) {
    this.#database = new Database(path)
    this.#database.pragma('journal_mode = WAL')
    this.#database.exec(SCHEMA)
  }

  /** Takes from the stock once per key: the key's row and the stock change together or not at all. */
  take(sku: string, quantity: number, idempotencyKey: string): Taken | undefined {
    const take = this.#database.transaction((): Taken | undefined => {
      const before = this.#taken(idempotencyKey)
      if (before !== undefined) return { sku, left: before }
      const left = this.#decrement(sku, quantity)
      if (left === undefined) return undefined
      this.#database.prepare('INSERT INTO taken VALUES (?, ?, ?, ?)').run(idempotencyKey, sku, quantity, left)
      return { sku, left }
    })
    return take.immediate()
  }

  onHand(sku: string): number {
    const row = this.#database.prepare('SELECT on_hand AS onHand FROM stock WHERE sku = ?').get(sku)
    return row === undefined ? 0 : (row as { onHand: number }).onHand
  }

  close(): void {
    this.#database.close()
  }

  #taken(idempotencyKey: string): number | undefined {
    const row = this.#database
      .prepare('SELECT left_over AS leftOver FROM taken WHERE idempotency_key = ?')
      .get(idempotencyKey)
    return row === undefined ? undefined : (row as { leftOver: number }).leftOver
  }

  #decrement(sku: string, quantity: number): number | undefined {
    const row = this.#database
      .prepare('UPDATE stock SET on_hand = on_hand - ? WHERE sku = ? AND on_hand >= ? RETURNING on_hand AS onHand')
      .get(quantity, sku, quantity)
    return row === undefined ? undefined : (row as { onHand: number }).onHand
  }
}
