/** Effects, answers, calls and approvals. */
export const createEffectTables = `
-- What a commit changes stands before the bodies. No index but the key's on the straight path: each one is a page per claim.
CREATE TABLE effect (
  id INTEGER PRIMARY KEY,
  owner_seq INTEGER NOT NULL,
  key BLOB NOT NULL,
  generation INTEGER NOT NULL,
  run_seq INTEGER NOT NULL,
  tool TEXT NOT NULL,
  status INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  owner INTEGER,
  leased_at INTEGER,
  lease_ms INTEGER,
  lane TEXT NOT NULL,
  parent_effect INTEGER,
  waiting_for INTEGER,
  caller_keyed INTEGER NOT NULL,
  plain INTEGER NOT NULL,
  calls_seen INTEGER NOT NULL,
  args_hash BLOB,
  unknown_of INTEGER,
  certainty INTEGER,
  commit_seq INTEGER,
  first_at INTEGER NOT NULL,
  claimed_at INTEGER NOT NULL,
  ended_at INTEGER,
  claim_entry INTEGER NOT NULL,
  result_kept INTEGER NOT NULL DEFAULT 1,
  by_hand INTEGER NOT NULL DEFAULT 0,
  undo INTEGER NOT NULL DEFAULT 0,
  saga_group INTEGER,
  undo_attempt INTEGER NOT NULL DEFAULT 0,
  undone_at INTEGER,
  record_level INTEGER NOT NULL DEFAULT 0,
  args_digest BLOB,
  result_digest BLOB,
  args TEXT NOT NULL,
  result TEXT,
  token TEXT,
  error TEXT,
  undo_error TEXT,
  UNIQUE (owner_seq, key, generation)
) STRICT;
CREATE INDEX effect_open ON effect (run_seq) WHERE status IN (3, 4);

-- id = run's seq * 2^24 + number, as for entries.
CREATE TABLE answer (
  id INTEGER PRIMARY KEY,
  lane TEXT NOT NULL,
  key BLOB NOT NULL,
  kind INTEGER NOT NULL,
  name TEXT NOT NULL,
  effect INTEGER,
  generation INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  superseded INTEGER NOT NULL DEFAULT 0,
  at INTEGER NOT NULL,
  beside INTEGER NOT NULL DEFAULT 0,
  record_level INTEGER NOT NULL DEFAULT 0,
  body TEXT
) STRICT;

-- id = run's seq * 2^24 + number, as for entries.
CREATE TABLE call (
  id INTEGER PRIMARY KEY,
  status INTEGER NOT NULL,
  lane TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  effect INTEGER,
  exact_hash BLOB NOT NULL,
  masked_hash BLOB NOT NULL,
  rest_hash TEXT NOT NULL,
  end_entry INTEGER,
  superseded INTEGER NOT NULL DEFAULT 0,
  at INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  external_id TEXT,
  hold INTEGER,
  record_level INTEGER NOT NULL DEFAULT 0,
  usage TEXT,
  request TEXT NOT NULL,
  response TEXT,
  error TEXT
) STRICT;
-- Only of answers that are paid for later: nothing on the straight path.
CREATE INDEX call_external ON call (external_id) WHERE external_id IS NOT NULL;

CREATE TABLE approval (
  effect INTEGER PRIMARY KEY,
  run_seq INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  status INTEGER NOT NULL,
  source INTEGER NOT NULL,
  prior INTEGER,
  args_hash BLOB NOT NULL,
  requested_at INTEGER NOT NULL,
  expires_at INTEGER,
  decided_at INTEGER,
  decided_by TEXT,
  reason TEXT,
  decision_reason TEXT,
  edited INTEGER NOT NULL DEFAULT 0,
  original_digest BLOB,
  original TEXT
) STRICT;
CREATE INDEX approval_pending ON approval (requested_at) WHERE status = 0;
CREATE INDEX approval_run ON approval (run_seq);
`
