import { EFFECT_CODE, ENTRY_CODE } from './codes.ts'
import { PARAMETER } from './sql.ts'

/** Kinds of the entries that tell of a claim: through them a run's effects are found, also those of scopes. */
export const CLAIM_ENTRIES: string = [ENTRY_CODE['effect-claimed'], ENTRY_CODE['effect-taken-over']].join(', ')

/**
 * Statuses of effects that may have happened and were not undone. Whether one of unknown outcome may run again is asked
 * of a human: as long as it has its claim, it is in doubt until then.
 */
export const MAY_HAVE_HAPPENED: readonly number[] = [
  EFFECT_CODE.succeeded,
  EFFECT_CODE.unknown,
  EFFECT_CODE.processing,
  EFFECT_CODE.requires_approval,
  EFFECT_CODE.ready,
  EFFECT_CODE.compensating,
  EFFECT_CODE.compensation_failed,
]

/**
 * A run, which is the parameter, and everything below it, as `tree (seq, body)`; a select follows. `body` is the effect
 * of the tree in whose body the run was opened, itself or through the run above it.
 */
export const WITH_TREE: string = `WITH RECURSIVE tree (seq, body) AS (SELECT ${PARAMETER}, NULL
  UNION SELECT c.seq, coalesce(c.parent_effect, t.body) FROM tree t JOIN run c ON c.parent_seq = t.seq)`

/**
 * Each effect `f` that the runs `t` of the tree executed, once. CROSS keeps the order of the joins: from few runs to
 * their entries to their effects.
 */
export const TREE_EFFECTS: string = `tree t CROSS JOIN entry e ON e.id BETWEEN t.seq * 16777216 AND t.seq * 16777216 + 16777215
  CROSS JOIN effect f ON f.id = e.effect AND e.kind IN (${CLAIM_ENTRIES})
    AND f.run_seq = t.seq AND f.claim_entry = e.id - t.seq * 16777216`
