/**
 * The stable face for SQL. The words are spelled out here and not taken from the code's arrays: a released
 * migration must not change when an array grows.
 */
export const createViews = `
CREATE VIEW holdfast_runs AS
SELECT r.id, r.name, r.thread,
  CASE r.status WHEN 0 THEN 'running' WHEN 1 THEN 'closing' WHEN 2 THEN 'waiting' WHEN 3 THEN 'completed'
    WHEN 4 THEN 'failed' WHEN 5 THEN 'canceled' WHEN 6 THEN 'compensating' WHEN 7 THEN 'compensated'
    WHEN 8 THEN 'compensation_failed' END AS status,
  r.attempt, r.epoch, p.id AS parent_id, r.shared, r.tags, r.input, r.output, r.error, r.halt, r.unprotected,
  r.replay_of, r.created_at, r.ended_at, r.seq
FROM run r LEFT JOIN run p ON p.seq = r.parent_seq;

CREATE VIEW holdfast_effects AS
SELECT f.id, r.id AS run_id, f.tool, hex(f.key) AS key, f.owner_seq, f.generation,
  CASE f.status WHEN 0 THEN 'processing' WHEN 1 THEN 'succeeded' WHEN 2 THEN 'failed' WHEN 3 THEN 'unknown'
    WHEN 4 THEN 'requires_approval' WHEN 5 THEN 'ready' WHEN 6 THEN 'denied' WHEN 7 THEN 'canceled'
    WHEN 8 THEN 'compensating' WHEN 9 THEN 'compensated' WHEN 10 THEN 'compensation_failed' END AS status,
  CASE f.certainty WHEN 0 THEN 'not_applied' WHEN 1 THEN 'in_doubt' WHEN 2 THEN 'assumed' END AS certainty,
  f.epoch, f.attempt, f.lane, f.parent_effect, f.commit_seq, f.args, f.result, f.result_kept, f.error,
  f.undo, f.undo_attempt, f.undo_error, f.undone_at, f.saga_group,
  f.first_at, f.claimed_at, f.ended_at
FROM effect f LEFT JOIN run r ON r.seq = f.run_seq;

CREATE VIEW holdfast_calls AS
SELECT c.id, r.id AS run_id, c.lane, c.ordinal, c.provider, c.model,
  CASE c.status WHEN 0 THEN 'open' WHEN 1 THEN 'succeeded' WHEN 2 THEN 'failed' WHEN 3 THEN 'lost' END AS status,
  c.request, c.response, c.error, c.usage, c.external_id, c.started_at, c.ended_at,
  CASE h.status WHEN 0 THEN h.nano ELSE 0 END AS held_nano, h.settled_nano AS spent_nano, h.exact_usd
FROM call c LEFT JOIN run r ON r.seq = c.id >> 24 LEFT JOIN hold h ON h.id = c.hold;

CREATE VIEW holdfast_holds AS
SELECT h.id, r.id AS run_id, h.label,
  CASE h.status WHEN 0 THEN 'open' WHEN 1 THEN 'settled' WHEN 2 THEN 'released' WHEN 3 THEN 'charged' END AS status,
  CASE h.status WHEN 0 THEN h.nano ELSE 0 END AS held_nano, h.settled_nano AS spent_nano,
  CASE h.status WHEN 0 THEN h.tokens ELSE 0 END AS held_tokens, h.settled_tokens AS spent_tokens,
  h.exact_usd, h.price_version, h.bounded, h.estimated, h.usage, h.created_at, h.ended_at
FROM hold h LEFT JOIN run r ON r.seq = h.run_seq;

CREATE VIEW holdfast_entries AS
SELECT coalesce(r.id, s.name) AS stream, e.id & 16777215 AS number, e.at,
  CASE e.kind WHEN 0 THEN 'run-opened' WHEN 1 THEN 'run-resumed' WHEN 2 THEN 'run-retried' WHEN 3 THEN 'run-closing'
    WHEN 4 THEN 'run-closed' WHEN 5 THEN 'run-released' WHEN 6 THEN 'run-halted' WHEN 7 THEN 'run-canceled'
    WHEN 8 THEN 'effect-claimed' WHEN 9 THEN 'effect-taken-over' WHEN 10 THEN 'effect-retried'
    WHEN 11 THEN 'effect-succeeded' WHEN 12 THEN 'effect-failed' WHEN 13 THEN 'effect-unknown'
    WHEN 14 THEN 'effect-resolved' WHEN 15 THEN 'effect-evidence' WHEN 16 THEN 'late-outcome'
    WHEN 17 THEN 'child-committed' WHEN 18 THEN 'call-reserved' WHEN 19 THEN 'call-settled' WHEN 20 THEN 'call-failed'
    WHEN 21 THEN 'divergence' WHEN 22 THEN 'unprotected' WHEN 23 THEN 'note' WHEN 24 THEN 'run-waiting' WHEN 25 THEN 'run-compensating'
    WHEN 26 THEN 'approval-requested' WHEN 27 THEN 'approval-approved' WHEN 28 THEN 'approval-denied'
    WHEN 29 THEN 'approval-canceled' WHEN 30 THEN 'approval-expired' WHEN 31 THEN 'compensation-claimed'
    WHEN 32 THEN 'compensation-retried' WHEN 33 THEN 'effect-compensated' WHEN 34 THEN 'compensation-failed'
    WHEN 35 THEN 'bodies-dropped' WHEN 36 THEN 'limits-set' WHEN 37 THEN 'hold-opened' WHEN 38 THEN 'hold-settled'
    WHEN 39 THEN 'hold-released' WHEN 40 THEN 'hold-charged' WHEN 41 THEN 'hold-corrected'
    WHEN 42 THEN 'threshold-reached' END AS kind,
  e.effect, e.body
FROM entry e LEFT JOIN run r ON r.seq = e.id >> 24 LEFT JOIN scope s ON s.seq = e.id >> 24;
`
