import { ENTRY_CODE, HOLD_CODE } from './codes.ts'

const OPEN = `h.status = ${HOLD_CODE.open}`
const SPENT = `h.status IN (${HOLD_CODE.settled}, ${HOLD_CODE.charged})`

const LEGS = 'FROM hold_leg l JOIN hold h ON h.id = l.hold WHERE l.scope_seq = p.scope_seq'
/** The holds that a fixed period, or all time, has to count. */
const OF_ITS_TIME = `${LEGS} AND l.at >= p.starts_at AND l.at < coalesce(p.ends_at, ${Number.MAX_SAFE_INTEGER})`

const PERIOD = `'scope ' || p.scope_seq || ', period ' || p.id AS place FROM scope_period p`
const FIXED = `${PERIOD} WHERE p.span NOT LIKE 'rolling %'`
const ROLLING = `${PERIOD} WHERE p.span LIKE 'rolling %'`

/** A column, and the sum over the holds that it has to be. */
const differs = (column: string, sum: string, legs = OF_ITS_TIME) =>
  `p.${column} <> (SELECT coalesce(sum(${sum}), 0) ${legs})`

/** A rolling period has all that is open; its buckets tell of the rest. */
const heldDiffers = (legs: string) =>
  `(${differs('held_nano', 'h.nano', `${legs} AND ${OPEN}`)} OR ${differs('held_tokens', 'h.tokens', `${legs} AND ${OPEN}`)})`

const differsFromBuckets = ['spent_nano', 'spent_tokens', 'calls', 'effects']
  .map(
    (column) =>
      `coalesce(p.${column}, 0) <> (SELECT coalesce(sum(b.${column}), 0) FROM scope_bucket b WHERE b.period = p.id)`,
  )
  .join(' OR ')

const WIDTH = `(CAST(substr(p.span, ${'rolling '.length + 1}) AS INTEGER) + 59) / 60`

/** Each amount twice: what came in adds it to its bucket, and what the bucket has takes it away. Nothing is left over. */
const WITH_PARTS = `WITH size AS (
    SELECT p.id AS period, p.scope_seq, p.complete_from, ${WIDTH} AS width FROM scope_period p WHERE p.span LIKE 'rolling %'),
  leg AS (
    SELECT s.period, s.width, l.at, h.* FROM size s JOIN hold_leg l ON l.scope_seq = s.scope_seq JOIN hold h ON h.id = l.hold),
  part AS (
    SELECT period, ended_at / width * width AS bucket, settled_nano AS nano, settled_tokens AS tokens, 0 AS calls
      FROM leg h WHERE ${SPENT}
    UNION ALL SELECT period, at / width * width, 0, 0, counted FROM leg
    UNION ALL SELECT period, starts_at, -spent_nano, -spent_tokens, -calls FROM scope_bucket)`

/** Of its own stream: those of runs below it count on it, too, and reads, which leave no entry. */
const CLAIMS_OF_RUN = `SELECT count(*) FROM entry e
  WHERE e.id BETWEEN p.scope_seq << 24 AND (p.scope_seq << 24) + 16777215
    AND +e.kind = ${ENTRY_CODE['effect-claimed']} AND e.body ->> 'attempt' = 1
    AND CASE WHEN p.span LIKE 'rolling %' THEN e.at / (${WIDTH}) * (${WIDTH}) >= p.complete_from
      ELSE e.at >= p.starts_at AND e.at < coalesce(p.ends_at, ${Number.MAX_SAFE_INTEGER}) END`

/** What must hold between holds, their legs and the counters that are made of them; each row is one problem. */
export const MONEY_CHECKS: readonly { readonly what: string; readonly sql: string }[] = [
  {
    what: 'what a period holds is not the sum of its open holds',
    sql: `SELECT ${FIXED} AND ${heldDiffers(OF_ITS_TIME)} UNION SELECT ${ROLLING} AND ${heldDiffers(LEGS)}`,
  },
  {
    what: 'what a period has spent is not the sum of what its holds came to',
    sql: `SELECT ${FIXED} AND (${differs('spent_nano', `CASE WHEN ${SPENT} THEN h.settled_nano END`)}
      OR ${differs('spent_tokens', `CASE WHEN ${SPENT} THEN h.settled_tokens END`)})`,
  },
  {
    what: 'the calls of a period are not those of its holds',
    sql: `SELECT ${FIXED} AND ${differs('calls', 'h.counted')}`,
  },
  {
    what: 'a rolling period is not the sum of its buckets',
    sql: `SELECT ${ROLLING} AND (${differsFromBuckets})`,
  },
  {
    what: 'a bucket is not the sum of what came in during its time',
    sql: `${WITH_PARTS} SELECT 'period ' || s.period || ', bucket ' || p.bucket AS place FROM part p JOIN size s USING (period)
      WHERE p.bucket >= s.complete_from GROUP BY s.period, p.bucket
      HAVING sum(p.nano) <> 0 OR sum(p.tokens) <> 0 OR sum(p.calls) <> 0`,
  },
  {
    what: 'a bucket, or the count of a tool, has less than nothing',
    sql: `SELECT 'period ' || period AS place FROM scope_bucket WHERE min(spent_nano, spent_tokens, calls, effects) < 0
      UNION SELECT 'period ' || period FROM scope_tool WHERE effects < 0`,
  },
  {
    what: 'a run began more effects than its period has counted',
    sql: `SELECT ${PERIOD} WHERE p.scope_seq > 0 AND p.effects < (${CLAIMS_OF_RUN})`,
  },
  {
    what: 'the effects of a period are not those of its tools',
    sql: `SELECT ${PERIOD} WHERE coalesce(p.effects, 0) <> (SELECT coalesce(sum(t.effects), 0) FROM scope_tool t WHERE t.period = p.id)`,
  },
  {
    what: 'the number that tells whether limits have changed is missing, or there are several',
    sql: `SELECT 'limits' AS place WHERE (SELECT count(*) FROM limit_version) <> 1`,
  },
  {
    what: 'a bucket, or the count of a tool, belongs to no period',
    sql: `SELECT 'period ' || o.period AS place FROM (SELECT period FROM scope_bucket UNION SELECT period FROM scope_tool) o
      WHERE NOT EXISTS (SELECT 1 FROM scope_period WHERE id = o.period)`,
  },
  {
    what: 'a period has less than nothing',
    sql: `SELECT ${PERIOD} WHERE min(p.spent_nano, p.held_nano, p.spent_tokens, p.held_tokens, p.calls, coalesce(p.effects, 0)) < 0`,
  },
  {
    what: 'a hold that has ended has no end or no cost, or one that is open has one',
    sql: `SELECT 'hold ' || h.id AS place FROM hold h
      WHERE (${OPEN}) <> (h.ended_at IS NULL) OR (${OPEN}) <> (h.settled_nano IS NULL) OR (${OPEN}) <> (h.settled_tokens IS NULL)`,
  },
  {
    what: 'a hold that was given back cost something, or one that was charged not what was held',
    sql: `SELECT 'hold ' || h.id AS place FROM hold h
      WHERE (h.status = ${HOLD_CODE.released} AND (h.settled_nano <> 0 OR h.settled_tokens <> 0))
        OR (h.status = ${HOLD_CODE.charged} AND (h.settled_nano <> h.nano OR h.settled_tokens <> h.tokens))
        OR (h.status <> ${HOLD_CODE.released} AND h.counted = 0)`,
  },
  {
    what: 'a hold is missing in one of its scopes, or in one that is not its own',
    sql: `SELECT 'hold ' || h.id AS place FROM hold h, json_each(h.scopes) s
      WHERE NOT EXISTS (SELECT 1 FROM hold_leg WHERE scope_seq = s.value AND at = h.created_at AND hold = h.id)
      UNION SELECT 'hold ' || l.hold FROM hold_leg l
      WHERE NOT EXISTS (SELECT 1 FROM hold h, json_each(h.scopes) s
        WHERE h.id = l.hold AND h.created_at = l.at AND s.value = l.scope_seq)`,
  },
  {
    what: 'a hold does not count on its own run, or belongs to none',
    sql: `SELECT 'hold ' || h.id AS place FROM hold h WHERE h.scopes ->> 0 <> h.run_seq
      OR NOT EXISTS (SELECT 1 FROM run WHERE seq = h.run_seq)`,
  },
  {
    what: 'a call refers to a hold that is not there, or is another run’s',
    sql: `SELECT 'call ' || c.id AS place FROM call c
      WHERE c.hold IS NOT NULL AND NOT EXISTS (SELECT 1 FROM hold h WHERE h.id = c.hold AND h.run_seq = c.id >> 24)`,
  },
  {
    what: 'a call has its outcome, and its hold is open',
    sql: `SELECT 'call ' || c.id AS place FROM call c JOIN hold h ON h.id = c.hold WHERE c.end_entry IS NOT NULL AND ${OPEN}`,
  },
]
