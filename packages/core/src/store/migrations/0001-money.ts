/** Limits, what is spent and held of them, and the holds. Amounts are integer nano-USD. */
export const createMoneyTables = `
-- pattern: '=' and the name of a scope, or '*' and the beginning of names. limits: JSON array of limits that all hold.
-- source 0 = the code's, 1 = set at run time, which goes before it.
CREATE TABLE scope_limit (
  pattern TEXT NOT NULL,
  source INTEGER NOT NULL,
  limits TEXT NOT NULL,
  set_at INTEGER NOT NULL,
  PRIMARY KEY (pattern, source)
) STRICT, WITHOUT ROWID;

-- Raised by whatever could make a limit that somebody remembers a wrong one.
CREATE TABLE limit_version (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  version INTEGER NOT NULL
) STRICT;
INSERT INTO limit_version (id, version) VALUES (1, 1);

-- span: '' for ever, 'day Europe/Berlin', 'rolling 3600000'. A row is there from the first time that a limit asked for it,
-- and has all holds of its scope and time in it, open or settled. effects: null until a limit asks for them.
CREATE TABLE scope_period (
  id INTEGER PRIMARY KEY,
  scope_seq INTEGER NOT NULL,
  span TEXT NOT NULL,
  starts_at INTEGER NOT NULL,
  ends_at INTEGER,
  spent_nano INTEGER NOT NULL DEFAULT 0,
  held_nano INTEGER NOT NULL DEFAULT 0,
  spent_tokens INTEGER NOT NULL DEFAULT 0,
  held_tokens INTEGER NOT NULL DEFAULT 0,
  calls INTEGER NOT NULL DEFAULT 0,
  effects INTEGER,
  fired TEXT NOT NULL DEFAULT '[]',
  complete_from INTEGER NOT NULL DEFAULT 0,
  UNIQUE (scope_seq, span, starts_at)
) STRICT;

-- The sixtieths of a rolling period, by the time at which an amount came in; the period's row has their sum. Those that
-- begin at its complete_from or later have all that came in; earlier ones are out, or a clock has brought them back.
CREATE TABLE scope_bucket (
  period INTEGER NOT NULL,
  starts_at INTEGER NOT NULL,
  spent_nano INTEGER NOT NULL DEFAULT 0,
  spent_tokens INTEGER NOT NULL DEFAULT 0,
  calls INTEGER NOT NULL DEFAULT 0,
  effects INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (period, starts_at)
) STRICT, WITHOUT ROWID;

-- Effects of one tool in a period; starts_at is its bucket's in a rolling one, else 0.
CREATE TABLE scope_tool (
  period INTEGER NOT NULL,
  tool TEXT NOT NULL,
  starts_at INTEGER NOT NULL,
  effects INTEGER NOT NULL,
  PRIMARY KEY (period, tool, starts_at)
) STRICT, WITHOUT ROWID;

-- GCRA: debt / count milliseconds ahead at a time; counted since the first that was taken. rule: JSON array of what the
-- rate says; one that comes in its place goes on from its debt.
CREATE TABLE scope_rate (
  scope_seq INTEGER NOT NULL,
  rule TEXT NOT NULL,
  at INTEGER NOT NULL,
  debt INTEGER NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (scope_seq, rule)
) STRICT, WITHOUT ROWID;

-- scopes: JSON array of the sequence numbers of all scopes that it counts on.
CREATE TABLE hold (
  id INTEGER PRIMARY KEY,
  run_seq INTEGER NOT NULL,
  status INTEGER NOT NULL,
  owner INTEGER NOT NULL,
  leased_at INTEGER NOT NULL,
  lease_ms INTEGER NOT NULL,
  bounded INTEGER NOT NULL,
  estimated INTEGER NOT NULL DEFAULT 0,
  counted INTEGER NOT NULL DEFAULT 1,
  nano INTEGER NOT NULL,
  tokens INTEGER NOT NULL,
  settled_nano INTEGER,
  settled_tokens INTEGER,
  created_at INTEGER NOT NULL,
  ended_at INTEGER,
  scopes TEXT NOT NULL,
  label TEXT NOT NULL,
  exact_usd TEXT,
  price_version TEXT,
  usage TEXT
) STRICT;
CREATE INDEX hold_open ON hold (owner) WHERE status = 0;

-- Which holds a scope has, in the order of time: what a period's row is made of.
CREATE TABLE hold_leg (
  scope_seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  hold INTEGER NOT NULL,
  PRIMARY KEY (scope_seq, at, hold)
) STRICT, WITHOUT ROWID;
`
