import type { Problem } from '../read-verbs.ts'
import { APPROVAL_CHECKS } from './approval-checks.ts'
import { EFFECT_CODE, ENTRY_CODE, RECORD_LEVEL_CODE, RUN_CODE } from './codes.ts'
import type { SqliteDatabase } from './driver.ts'
import { MONEY_CHECKS } from './money-checks.ts'
import { IS_UNSETTLED } from './run-leftovers.ts'
import { MAY_HAVE_HAPPENED } from './subtree-sql.ts'
import { IS_UNDOABLE } from './undoable.ts'

interface Check {
  readonly what: string
  /** Each row is one problem; its column says where. */
  readonly sql: string
}

const OPEN_RUNS = [RUN_CODE.running, RUN_CODE.closing, RUN_CODE.waiting, RUN_CODE.compensating].join(', ')
const UNDOING = [EFFECT_CODE.compensating, EFFECT_CODE.compensation_failed].join(', ')
/** Their body has said that it succeeded, whatever came after. */
const COMMITTED = [EFFECT_CODE.succeeded, EFFECT_CODE.compensated, UNDOING].join(', ')
const FINAL = [COMMITTED, EFFECT_CODE.failed, EFFECT_CODE.unknown].join(', ')

const CHECKS: readonly Check[] = [
  {
    what: 'a stream of entries has a gap',
    sql: `SELECT 'stream ' || (id >> 24) AS place FROM entry GROUP BY id >> 24
      HAVING count(*) <> max(id & 16777215) OR min(id & 16777215) <> 1`,
  },
  {
    what: 'entries belong to no run and no scope',
    sql: `SELECT DISTINCT 'stream ' || (e.id >> 24) AS place FROM entry e
      WHERE NOT EXISTS (SELECT 1 FROM run WHERE seq = e.id >> 24)
        AND NOT EXISTS (SELECT 1 FROM scope WHERE seq = e.id >> 24)`,
  },
  {
    what: 'an entry tells of an effect that is not there',
    sql: `SELECT 'entry ' || e.id AS place FROM entry e
      WHERE e.effect IS NOT NULL AND NOT EXISTS (SELECT 1 FROM effect WHERE id = e.effect)`,
  },
  {
    what: 'a run has no entry of its opening',
    sql: `SELECT 'run ' || r.id AS place FROM run r WHERE NOT EXISTS (SELECT 1 FROM entry WHERE id = (r.seq << 24) + 1 AND kind = 0)`,
  },
  {
    what: 'a run that has ended has no end, or one that has not has one',
    sql: `SELECT 'run ' || id AS place FROM run WHERE (status IN (${OPEN_RUNS})) <> (ended_at IS NULL)`,
  },
  {
    what: 'an effect has no entry of its claim',
    sql: `SELECT 'effect ' || f.id AS place FROM effect f
      WHERE NOT EXISTS (SELECT 1 FROM entry WHERE id = (f.run_seq << 24) + f.claim_entry AND effect = f.id)`,
  },
  {
    what: 'an effect that succeeded has no place in the order of commits',
    sql: `SELECT 'effect ' || id AS place FROM effect WHERE status IN (${COMMITTED}) AND commit_seq IS NULL`,
  },
  {
    what: 'an effect has a result, although it says that it was not kept',
    sql: `SELECT 'effect ' || id AS place FROM effect
      WHERE status IN (${COMMITTED}) AND result_kept = 0 AND result IS NOT NULL AND record_level <> ${RECORD_LEVEL_CODE.hash}`,
  },
  {
    what: 'an effect has an outcome and no end, or an end and no outcome',
    sql: `SELECT 'effect ' || id AS place FROM effect
      WHERE status IN (${EFFECT_CODE.processing}, ${FINAL}) AND (status IN (${FINAL})) <> (ended_at IS NOT NULL)`,
  },
  {
    what: 'an effect failed and nobody said how certain that is',
    sql: `SELECT 'effect ' || id AS place FROM effect WHERE status = ${EFFECT_CODE.failed} AND certainty IS NULL`,
  },
  {
    what: 'the generations of a key have a gap',
    sql: `SELECT 'key ' || owner_seq || '.' || hex(key) AS place FROM effect GROUP BY owner_seq, key
      HAVING count(*) <> max(generation) OR min(generation) <> 1`,
  },
  {
    what: 'an effect was started again while an earlier generation of it may have happened',
    sql: `SELECT 'effect ' || f.id AS place FROM effect f JOIN effect g
        ON g.owner_seq = f.owner_seq AND g.key = f.key AND g.generation = f.generation + 1
      WHERE f.status IN (${MAY_HAVE_HAPPENED.join(', ')})`,
  },
  {
    what: 'an effect was undone and has no time of that, or the other way round',
    sql: `SELECT 'effect ' || id AS place FROM effect WHERE (status = ${EFFECT_CODE.compensated}) <> (undone_at IS NOT NULL)`,
  },
  {
    what: 'an effect is said to be undone, and nothing was done for it',
    sql: `SELECT 'effect ' || id AS place FROM effect WHERE (status IN (${UNDOING}) AND undo_attempt = 0)
      OR (status = ${EFFECT_CODE.compensated}
        AND id NOT IN (SELECT effect FROM entry WHERE kind = ${ENTRY_CODE['effect-compensated']}
          OR (kind = ${ENTRY_CODE['effect-resolved']} AND body ->> 'decision' = 'compensated')))`,
  },
  {
    what: 'a compensation failed and nobody said why',
    sql: `SELECT 'effect ' || id AS place FROM effect WHERE status = ${EFFECT_CODE.compensation_failed} AND undo_error IS NULL`,
  },
  {
    what: 'a run was compensated and has an effect left to undo',
    sql: `SELECT 'effect ' || f.id AS place FROM effect f JOIN run r ON r.seq = f.run_seq
      WHERE r.status = ${RUN_CODE.compensated} AND ${IS_UNDOABLE} AND f.status <> ${EFFECT_CODE.failed}
        AND coalesce(f.ended_at, 0) <= r.ended_at`,
  },
  {
    what: 'a run has ended, and nobody will look after an effect that is in flight or unknown',
    sql: `SELECT 'effect ' || f.id AS place FROM effect f JOIN run r ON r.seq = f.run_seq
      WHERE ${IS_UNSETTLED} AND r.ended_at IS NOT NULL AND r.unsettled = 0`,
  },
  {
    what: 'two commits of one tree of runs have the same place',
    sql: `SELECT 'tree ' || r.root_seq || ', commit ' || f.commit_seq AS place FROM effect f JOIN run r ON r.seq = f.run_seq
      WHERE f.commit_seq IS NOT NULL GROUP BY r.root_seq, f.commit_seq HAVING count(*) > 1`,
  },
  {
    what: 'a commit and the entry that its place names do not belong together',
    sql: `SELECT 'effect ' || f.id AS place FROM effect f JOIN run r ON r.seq = f.run_seq
      WHERE f.commit_seq IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM entry WHERE id = (r.root_seq << 24) + f.commit_seq AND effect = f.id)`,
  },
  ...APPROVAL_CHECKS,
  ...MONEY_CHECKS,
  {
    what: 'an answer refers to an effect that is not there',
    sql: `SELECT 'answer ' || a.id AS place FROM answer a
      WHERE a.effect IS NOT NULL AND NOT EXISTS (SELECT 1 FROM effect WHERE id = a.effect)`,
  },
  {
    what: 'answers or calls belong to no run',
    sql: `SELECT DISTINCT 'run ' || (o.id >> 24) AS place FROM (SELECT id FROM answer UNION ALL SELECT id FROM call) o
      WHERE NOT EXISTS (SELECT 1 FROM run WHERE seq = o.id >> 24)`,
  },
  {
    what: 'a call that has ended has no end, or one that is open has one',
    sql: `SELECT 'call ' || id AS place FROM call WHERE (status = 0) <> (ended_at IS NULL)`,
  },
  {
    what: 'the database is damaged',
    sql: `SELECT integrity_check AS place FROM pragma_integrity_check WHERE integrity_check <> 'ok'`,
  },
]

/** Recomputes what must hold over all rows. Reads everything: not for the straight path. */
export function verify(database: SqliteDatabase): readonly Problem[] {
  return CHECKS.flatMap(({ what, sql }) => {
    const rows = database.prepare<{ place: string }>(sql).all()
    return rows.map(({ place }) => ({ what, where: place }))
  })
}
