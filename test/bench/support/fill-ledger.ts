import Database from 'better-sqlite3'

/** How ids of entries are made: see store/sqlite/numbering.ts. */
const SPAN = 2 ** 24
const STATUS = { runCompleted: 3, effectSucceeded: 1 } as const
const ENTRY = { claimed: 8, succeeded: 11 } as const

/** Fills a ledger, whose tables are there and empty and which nobody has open, with effects of runs that have ended. */
export function fillLedger(path: string, effects: number, perRun = 100): void {
  const database = new Database(path)
  // The log would be as large as the data, and nothing here has to survive anything.
  database.exec('PRAGMA journal_mode = DELETE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF')
  const runs = Math.ceil(effects / perRun)
  database.prepare(INSERT_RUNS).run({ runs })
  database.prepare(insertEffects(perRun)).run({ effects })
  database.prepare(insertEntries(perRun)).run({ effects })
  database.exec('PRAGMA journal_mode = WAL')
  database.close()
}

const numbers = (upTo: string) =>
  `WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < ${upTo})`

const INSERT_RUNS = `${numbers('@runs')}
INSERT INTO run (seq, id, status, epoch, attempt, touched, shared, root_seq, path, created_at, ended_at, tags)
SELECT n + 1, 'stored-' || n, ${STATUS.runCompleted}, 1, 1, 0, 0, n + 1, '[]', 1, 2, '[]' FROM numbers`

const insertEffects = (perRun: number) => `${numbers('@effects')}
INSERT INTO effect (id, owner_seq, key, generation, run_seq, tool, status, epoch, attempt, owner, leased_at, lease_ms, lane,
  caller_keyed, plain, calls_seen, commit_seq, first_at, claimed_at, ended_at, claim_entry, args, result)
SELECT n + 1, n / ${perRun} + 1, randomblob(32), 1, n / ${perRun} + 1, 'charge-card',
  ${STATUS.effectSucceeded}, 1, 1, 1, 1, 60000, '', 0, 1, 0, 2 * (n % ${perRun}) + 2, 1, 1, 2,
  2 * (n % ${perRun}) + 1,
  '{"orderId":"stored-' || n || '","cents":18990,"currency":"EUR","note":"as long as a short order is"}',
  '{"chargeId":"ch_' || n || '"}'
FROM numbers`

const insertEntries = (perRun: number) => `${numbers('2 * @effects')}
INSERT INTO entry (id, at, kind, effect, body)
SELECT (n / (2 * ${perRun}) + 1) * ${SPAN} + n % (2 * ${perRun}) + 1, 1,
  iif(n % 2 = 0, ${ENTRY.claimed}, ${ENTRY.succeeded}), n / 2 + 1, '{"tool":"charge-card","attempt":1}'
FROM numbers`
