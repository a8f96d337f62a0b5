/** Runs, the log of entries, and the processes that hold leases. */
export const createRunTables = `
CREATE TABLE owner (
  id INTEGER PRIMARY KEY,
  host TEXT NOT NULL,
  machine_id TEXT,
  boot_id TEXT,
  pid_namespace TEXT,
  pid INTEGER NOT NULL,
  thread INTEGER,
  started TEXT,
  beat INTEGER NOT NULL,
  batch INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE run (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  status INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  owner INTEGER,
  leased_at INTEGER,
  lease_ms INTEGER,
  touched INTEGER NOT NULL,
  shared INTEGER NOT NULL,
  unprotected INTEGER NOT NULL DEFAULT 0,
  aborted INTEGER NOT NULL DEFAULT 0,
  unsettled INTEGER NOT NULL DEFAULT 0,
  drops INTEGER NOT NULL DEFAULT 0,
  history_from INTEGER NOT NULL DEFAULT 0,
  root_seq INTEGER NOT NULL,
  parent_seq INTEGER,
  parent_epoch INTEGER,
  parent_lane TEXT,
  parent_effect INTEGER,
  path TEXT NOT NULL,
  name TEXT,
  thread TEXT,
  replay_of TEXT,
  created_at INTEGER NOT NULL,
  ended_at INTEGER,
  output_kept INTEGER NOT NULL DEFAULT 1,
  input_hash BLOB,
  halt TEXT,
  timed_from INTEGER,
  tags TEXT NOT NULL,
  scopes TEXT NOT NULL DEFAULT '[]',
  options TEXT,
  input TEXT,
  output TEXT,
  error TEXT
) STRICT;
CREATE INDEX run_open ON run (status) WHERE status IN (0, 1, 2);
CREATE INDEX run_shared ON run (seq, status) WHERE shared = 1 AND status IN (0, 1);
CREATE INDEX run_undoing ON run (seq) WHERE status = 6;
CREATE INDEX run_unsettled ON run (seq) WHERE unsettled = 1;
CREATE INDEX run_children ON run (parent_seq) WHERE parent_seq IS NOT NULL;
CREATE INDEX run_thread ON run (thread) WHERE thread IS NOT NULL;

CREATE TABLE run_counter (
  run_seq INTEGER PRIMARY KEY,
  entries INTEGER NOT NULL,
  commit_seq INTEGER NOT NULL
) STRICT;

CREATE TABLE scope (
  seq INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  touched INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL
) STRICT;
INSERT INTO scope (seq, name, created_at) VALUES (-1, 'ledger', 0);

-- id = (run's seq or scope's seq) * 2^24 + number: one append-only tree, gapless per stream by primary key, no other index.
CREATE TABLE entry (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  effect INTEGER,
  body TEXT
) STRICT;

-- Where a reader of all streams finds those that it does not follow as running. number = the first entry it tells of.
CREATE TABLE touched (
  n INTEGER PRIMARY KEY,
  seq INTEGER NOT NULL,
  number INTEGER NOT NULL
) STRICT;
`
