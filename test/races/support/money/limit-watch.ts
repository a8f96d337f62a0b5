import Database from 'better-sqlite3'

/**
 * Has the database itself note, at every change of a counter by whichever process, what no commit may do: hold more than
 * the limit that is in force at that moment leaves, or settle for more than what was held.
 */
export class LimitWatch {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
    this.#with((database) => database.exec(TRIGGERS))
  }

  /** What it saw. */
  violations(): readonly string[] {
    return this.#with((database) => database.prepare<[], { what: string }>('SELECT what FROM violation').all()).map(
      ({ what }) => what,
    )
  }

  /** How many changes it looked at: a watch that saw none would prove nothing. */
  changes(): number {
    return this.#with((database) => database.prepare<[], { n: number }>('SELECT n FROM watched').get())?.n ?? 0
  }

  #with<T>(work: (database: Database.Database) => T): T {
    const database = new Database(this.#path, { timeout: 10_000 })
    try {
      return work(database)
    } finally {
      database.close()
    }
  }
}

// What was set at run time goes before the code's; the smallest of several limits counts.
const LIMIT = `(SELECT min(one.value ->> 'budgetNano') FROM scope_limit l, json_each(l.limits) one
  WHERE l.pattern = (SELECT name FROM scope WHERE seq = NEW.scope_seq)
    AND l.source = (SELECT max(source) FROM scope_limit WHERE pattern = l.pattern))`

const TRIGGERS = `
CREATE TABLE violation (what TEXT NOT NULL);
CREATE TABLE watched (n INTEGER NOT NULL);
INSERT INTO watched VALUES (0);
CREATE TRIGGER watch_holds AFTER UPDATE OF spent_nano, held_nano ON scope_period BEGIN
  UPDATE watched SET n = n + 1;
  INSERT INTO violation SELECT 'scope ' || NEW.scope_seq || ': ' || NEW.spent_nano || ' spent and ' || NEW.held_nano || ' held of ' || ${LIMIT}
    WHERE NEW.held_nano > OLD.held_nano AND NEW.spent_nano + NEW.held_nano > ${LIMIT};
  INSERT INTO violation SELECT 'scope ' || NEW.scope_seq || ': settled for more than was held'
    WHERE NEW.held_nano <= OLD.held_nano AND NEW.spent_nano + NEW.held_nano > OLD.spent_nano + OLD.held_nano;
  INSERT INTO violation SELECT 'scope ' || NEW.scope_seq || ': a negative amount'
    WHERE NEW.held_nano < 0 OR NEW.spent_nano < 0;
END;
`
