import fc from 'fast-check'
import {
  type Action,
  KEY_NAMES,
  OUTCOME_NAMES,
  OWNERS,
  RUN_NAMES,
  UNDO_OUTCOMES,
  type UndoOutcomeName,
} from './ledger-actions.ts'

/**
 * What somebody does: some actions one after the other, `aimed` at what they may have an effect on if there is anything
 * such; or a driver of the compensation that was begun last, which goes on until there is nothing left that it can do.
 */
export type Step =
  | { readonly kind: 'actions'; readonly actions: readonly Action[]; readonly isAimed: boolean }
  | {
      readonly kind: 'drive'
      /** What begins it; null: only one that has begun is driven on. */
      readonly first: Action | null
      readonly outcomes: readonly UndoOutcomeName[]
      readonly isFinished: boolean
    }

type Fields<Kind extends Action['kind']> = {
  [Name in Exclude<keyof Extract<Action, { kind: Kind }>, 'kind'>]: fc.Arbitrary<unknown>
}

function action<Kind extends Action['kind']>(kind: Kind, fields: Fields<Kind>): fc.Arbitrary<Action> {
  return fc.record<Record<string, unknown>>(fields).map((values) => ({ kind, ...values }) as unknown as Action)
}

/** Mostly the newest, which are the ones that may do something. */
const pick = fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 3, arbitrary: fc.nat(2) }, fc.nat(11))
const owner = fc.nat(OWNERS - 1)
const run = fc.constantFrom('one', 'one', ...RUN_NAMES)
const seldom = fc.constantFrom(false, false, false, true)
const never = fc.constant(false)
const variant = fc.constantFrom(0, 0, 0, 0, 0, 1)

const CLAIM = {
  ...{ handle: pick, key: fc.constantFrom('own', 'own', ...KEY_NAMES), attempts: fc.constantFrom(1, 1, 3) },
  ...{ args: variant, carries: seldom, byHand: seldom, inside: fc.boolean() },
  endless: fc.constantFrom(false, false, false, false, false, true),
}
const open = action('open', { owner, run, retry: fc.boolean() })
const retry = action('open', { owner, run, retry: fc.constant(true) })
const childOpen = action('open-child', { parent: pick, retry: fc.boolean(), inside: fc.boolean() })
const claim = action('claim', { ...CLAIM, asksMs: fc.constant(null) })
const ask = action('claim', { ...CLAIM, asksMs: fc.constantFrom(null, 0, 0, 300) })
const claimOuter = action('claim', { ...CLAIM, key: fc.constant('outer'), asksMs: fc.constant(null) })
const claimInside = action('claim', { ...CLAIM, inside: fc.constant(true), asksMs: fc.constant(null) })
const commit = action('commit', { claim: pick, outcome: fc.constantFrom('succeeded', ...OUTCOME_NAMES) })
const succeed = action('commit', { claim: fc.constant(0), outcome: fc.constant('succeeded') })
const doubt = action('commit', { claim: fc.constant(0), outcome: fc.constantFrom('unknown', 'assumed', 'not_applied') })
const resolve = action('resolve', {
  ...{ effect: pick, handle: pick, args: variant, asksMs: fc.constantFrom(null, null, 0) },
  resolution: fc.constantFrom('takeover', 'applied', 'not_applied', 'unknown', 'compensated'),
  ...{ by: fc.constantFrom('human', 'human', 'reconcile', 'policy'), stale: seldom },
})
const settle = action('resolve', {
  ...{ effect: pick, handle: pick, args: variant, asksMs: fc.constant(null) },
  ...{ resolution: fc.constant('compensated'), by: fc.constant('human'), stale: seldom },
})
const takeOver = action('resolve', {
  ...{ effect: pick, handle: pick, args: variant, asksMs: fc.constantFrom(0, 0, 300) },
  ...{ resolution: fc.constant('takeover'), by: fc.constant('policy'), stale: never },
})
/** No sum of these is the length of a lease. */
const advance = action('advance', { ms: fc.constantFrom(400, 1_500, 3_000) })
const ENDS = ['closing', 'released', 'waiting', 'completed', 'failed'] as const
const close = action('close', { handle: pick, to: fc.constantFrom(...ENDS) })
const fail = action('close', { handle: pick, to: fc.constant('compensating') })
const renew = action('renew', { owner })
const sweep = action('sweep', { owner })
const die = action('die', { owner })
const cancel = action('cancel', { run })
const halt = action('halt', { handle: pick })
const check = action('check', { handle: pick })
const request = action('request', { effect: pick, args: variant, asksMs: fc.constantFrom(0, 300) })
const decide = action('decide', {
  ...{ effect: pick, decision: fc.constantFrom('approve', 'approve', 'deny', 'cancel') },
  ...{ overrule: fc.boolean(), edits: seldom },
})
const approve = action('decide', {
  ...{ effect: fc.constant(0), decision: fc.constant('approve'), overrule: never, edits: seldom },
})
const deny = action('decide', {
  ...{ effect: fc.constant(0), decision: fc.constant('deny'), overrule: never, edits: never },
})
const overrule = action('decide', {
  ...{ effect: pick, decision: fc.constant('approve'), overrule: fc.constant(true), edits: never },
})
const openUndo = action('open-undo', {
  ...{ owner, run, which: fc.constantFrom('any', 'any', 'dead') },
  within: fc.oneof(fc.constant(null), fc.constant(null), fc.nat(2)),
})
/** What a recovery does with what nobody acts for. */
const goOnUndoing = action('open-undo', {
  ...{ owner, run, which: fc.constant('dead') },
  within: fc.constant(null),
})
const tail = action('tail', {})
const readUndo = action('read-undo', { run })
const undoNext = action('undo-next', { handle: pick })
const undo = action('undo', { handle: pick, effect: pick, stale: seldom })
const commitUndo = action('commit-undo', {
  ...{ undoing: pick, outcome: fc.constantFrom('compensated', ...UNDO_OUTCOMES), late: seldom },
})
const commitLate = action('commit-undo', {
  ...{ undoing: pick, outcome: fc.constantFrom('compensated', ...UNDO_OUTCOMES), late: fc.constant(true) },
})
const expireAll = action('advance', { ms: fc.constant(3_000) })
const finish = action('finish', { handle: pick, to: fc.constantFrom('over', 'over', 'released'), listed: seldom })

const isAimed = fc.constantFrom(true, true, true, true, false)

function sequence(...actions: fc.Arbitrary<Action>[]): fc.Arbitrary<Step> {
  return fc.record({ kind: fc.constant('actions'), actions: fc.tuple(...actions), isAimed })
}

function oneOf(...actions: fc.Arbitrary<Action>[]): fc.Arbitrary<Step> {
  return sequence(fc.oneof(...actions))
}

/** How runs and effects go, with all that crosses their way. */
export const RUN_STEPS: fc.Arbitrary<Step> = fc.oneof(
  oneOf(open, open, open, childOpen, childOpen, close, close, renew, renew, tail, halt, cancel, check, sweep),
  oneOf(claim, claim, claim, commit, commit),
  oneOf(claim, claim, claim, commit, commit),
  oneOf(resolve, resolve, resolve, advance),
)

/** How humans are asked. */
export const APPROVAL_STEPS: fc.Arbitrary<Step> = fc.oneof(
  oneOf(open, open, open, childOpen, close, close, advance, advance, sweep, cancel, openUndo, fail),
  oneOf(ask, ask, commit, commit, request, resolve),
  oneOf(decide, decide, decide, takeOver, takeOver, claim),
  sequence(ask, approve, ask),
  sequence(claim, doubt, takeOver, decide),
)

const outcomes = fc.array(fc.constantFrom('compensated', 'compensated', ...UNDO_OUTCOMES), {
  minLength: 6,
  maxLength: 12,
})
function driveAfter(first: fc.Arbitrary<Action | null>): fc.Arbitrary<Step> {
  return fc.record({ kind: fc.constant('drive'), first, outcomes, isFinished: fc.boolean() })
}

/** How runs are undone. */
export const SAGA_STEPS: fc.Arbitrary<Step> = fc.oneof(
  oneOf(open, open, retry, retry, childOpen, childOpen, close, advance, renew, sweep, cancel, tail),
  ...[sequence(claim, succeed), sequence(claim, succeed), sequence(childOpen, claim, succeed)],
  ...[sequence(retry, claim, succeed), sequence(claim, childOpen, claim, succeed)],
  sequence(claimOuter, claimInside, succeed, succeed),
  ...[driveAfter(fail), driveAfter(openUndo), driveAfter(fc.constant(null))],
  oneOf(claim, commit, commit, resolve, ask, decide, takeOver, request),
  oneOf(fail, openUndo, undoNext, undo, undo, commitUndo, commitUndo, finish, finish, readUndo),
  sequence(undoNext, expireAll, openUndo, undoNext, commitLate),
  sequence(expireAll, sweep, goOnUndoing, undoNext),
  ...[sequence(claim, doubt, takeOver, deny), oneOf(overrule, resolve, settle, settle, advance)],
)

/** A process dies seldom: it costs a new one each time. */
export function stepsOf(steps: fc.Arbitrary<Step>): fc.Arbitrary<Step[]> {
  const some = fc.oneof({ weight: 40, arbitrary: steps }, { weight: 1, arbitrary: oneOf(die) })
  return fc.array(some, { minLength: 10, maxLength: 40, size: 'max' })
}
