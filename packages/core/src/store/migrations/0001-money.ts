/** Limits, what is spent and held of them, and the holds. Amounts are integer nano-USD. */
export const createMoneyTables = `
CREATE TABLE hold (
  id INTEGER PRIMARY KEY,
  call INTEGER,
  run_seq INTEGER NOT NULL,
  status INTEGER NOT NULL,
  owner INTEGER,
  leased_at INTEGER,
  lease_ms INTEGER,
  dispatched INTEGER NOT NULL DEFAULT 0,
  bounded INTEGER NOT NULL DEFAULT 1,
  requested_nano INTEGER NOT NULL,
  settled_nano INTEGER,
  exact_usd TEXT,
  price_version TEXT,
  expires_at INTEGER,
  created_at INTEGER NOT NULL,
  ended_at INTEGER
) STRICT;
CREATE INDEX hold_open ON hold (expires_at) WHERE status = 0;

CREATE TABLE hold_leg (
  hold INTEGER NOT NULL,
  scope_seq INTEGER NOT NULL,
  period INTEGER NOT NULL,
  nano INTEGER NOT NULL,
  tokens INTEGER NOT NULL,
  PRIMARY KEY (hold, scope_seq, period)
) STRICT, WITHOUT ROWID;

CREATE TABLE scope_limit (
  id INTEGER PRIMARY KEY,
  pattern TEXT NOT NULL,
  position INTEGER NOT NULL,
  mode INTEGER NOT NULL,
  budget_nano INTEGER,
  tokens INTEGER,
  calls INTEGER,
  effects INTEGER,
  wall_ms INTEGER,
  rate TEXT,
  every TEXT,
  time_zone TEXT,
  rolling_ms INTEGER,
  thresholds TEXT,
  final_reserve_nano INTEGER,
  set_at INTEGER NOT NULL,
  UNIQUE (pattern, position)
) STRICT;

CREATE TABLE scope_period (
  id INTEGER PRIMARY KEY,
  scope_seq INTEGER NOT NULL,
  limit_id INTEGER NOT NULL,
  starts_at INTEGER NOT NULL,
  ends_at INTEGER,
  spent_nano INTEGER NOT NULL DEFAULT 0,
  held_nano INTEGER NOT NULL DEFAULT 0,
  spent_tokens INTEGER NOT NULL DEFAULT 0,
  held_tokens INTEGER NOT NULL DEFAULT 0,
  calls INTEGER NOT NULL DEFAULT 0,
  effects INTEGER NOT NULL DEFAULT 0,
  rate_state TEXT,
  thresholds_fired INTEGER NOT NULL DEFAULT 0,
  UNIQUE (scope_seq, limit_id, starts_at)
) STRICT;
`
