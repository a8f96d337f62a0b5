import { APPROVAL_CODE, EFFECT_CODE } from './codes.ts'

const OF = 'FROM effect f LEFT JOIN approval a ON a.effect = f.id'
const ASKED = `${EFFECT_CODE.requires_approval}, ${EFFECT_CODE.ready}`

/** What must hold between effects and their approvals; each row is one problem. */
export const APPROVAL_CHECKS: readonly { readonly what: string; readonly sql: string }[] = [
  {
    what: 'an approval belongs to an effect or a run that is not there',
    sql: `SELECT 'effect ' || a.effect AS place FROM approval a
      WHERE NOT EXISTS (SELECT 1 FROM effect WHERE id = a.effect) OR NOT EXISTS (SELECT 1 FROM run WHERE seq = a.run_seq)`,
  },
  {
    what: 'an effect and its approval do not agree on whether a human is asked',
    sql: `SELECT 'effect ' || f.id AS place ${OF}
      WHERE (f.status = ${EFFECT_CODE.requires_approval}) <> (coalesce(a.status, -1) = ${APPROVAL_CODE.pending})`,
  },
  {
    what: 'an effect may execute by an approval that nobody gave, or is denied by nobody',
    sql: `SELECT 'effect ' || f.id AS place ${OF}
      WHERE (f.status = ${EFFECT_CODE.ready} AND coalesce(a.status, -1) <> ${APPROVAL_CODE.approved})
        OR (f.status = ${EFFECT_CODE.denied} AND coalesce(a.status, -1) <> ${APPROVAL_CODE.denied})`,
  },
  {
    what: 'an effect executes although it was refused, or not decided about',
    sql: `SELECT 'effect ' || f.id AS place ${OF}
      WHERE f.status = ${EFFECT_CODE.processing} AND a.status IN (${APPROVAL_CODE.pending}, ${APPROVAL_CODE.denied})`,
  },
  {
    what: 'an effect that waits, or was refused, has an end although it had none before, or none although it had',
    sql: `SELECT 'effect ' || f.id AS place ${OF}
      WHERE (f.status IN (${ASKED}) AND (f.ended_at IS NULL) <> (a.prior IS NULL))
        OR (f.status IN (${EFFECT_CODE.denied}, ${EFFECT_CODE.canceled}) AND f.ended_at IS NULL)`,
  },
  {
    what: 'an effect that waits was executed although it had no status before, or was not although it had one',
    sql: `SELECT 'effect ' || f.id AS place ${OF} WHERE f.status IN (${ASKED}) AND (f.attempt = 0) <> (a.prior IS NULL)`,
  },
  {
    what: 'an approval that was not given has edited arguments',
    sql: `SELECT 'effect ' || effect AS place FROM approval WHERE original IS NOT NULL AND status <> ${APPROVAL_CODE.approved}`,
  },
]
