import fc from 'fast-check'
import { expect } from 'vitest'
import { type Action, KEY_NAMES, OUTCOME_NAMES, OWNERS, RUN_NAMES, UNDO_OUTCOMES, type UndoOutcomeName } from './ledger-actions.ts'
import type { LedgerDriver } from './ledger-driver.ts'
import type { LedgerModel } from './ledger-model.ts'
import { brokenPromises } from './ledger-promises.ts'
import type { LedgerState } from './ledger-state.ts'

/** A real ledger, as it looked after the last step. */
export interface Real {
  readonly driver: LedgerDriver
  last: LedgerState
  /** Every kind of action that was done, with what it was answered. */
  readonly seen: Set<string>
}

type Command = fc.AsyncCommand<LedgerModel, Real>

/** Does something to both; afterwards both must look the same, and the store as its promises say. */
export async function perform(action: Action, model: LedgerModel, real: Real): Promise<string> {
  const expected = model.apply(action)
  expect(await real.driver.apply(action)).toBe(expected)
  real.seen.add(`${action.kind}: ${expected}`)
  const now = await real.driver.rows.read()
  const state = model.state
  if (JSON.stringify(now) !== JSON.stringify(state)) expect(now).toEqual(state)
  expect(brokenPromises(real.last, now)).toEqual([])
  real.last = now
  return expected
}

/** Some actions, one after the other: those of them that somebody could want by then. */
class Steps implements Command {
  readonly #actions: readonly Action[]

  constructor(actions: readonly Action[]) {
    this.#actions = actions
  }

  check(model: Readonly<LedgerModel>): boolean {
    const [first] = this.#actions
    return first !== undefined && model.mayApply(first)
  }

  async run(model: LedgerModel, real: Real): Promise<void> {
    for (const action of this.#actions) if (model.mayApply(action)) await perform(action, model, real)
  }

  toString(): string {
    return this.#actions.map((action) => JSON.stringify(action)).join(' then ')
  }
}

/** A driver of a compensation at work, until there is nothing left that it can do, or its time is up. */
class Drive implements Command {
  readonly #outcomes: readonly UndoOutcomeName[]
  readonly #finishes: boolean

  constructor(outcomes: readonly UndoOutcomeName[], finishes: boolean) {
    this.#outcomes = outcomes
    this.#finishes = finishes
  }

  check(model: Readonly<LedgerModel>): boolean {
    return model.mayApply({ kind: 'undo-next', handle: 0 }) && model.isCompensating(0)
  }

  async run(model: LedgerModel, real: Real): Promise<void> {
    for (const outcome of this.#outcomes) {
      const answer = await perform({ kind: 'undo-next', handle: 0 }, model, real)
      if (!answer.includes(' claimed: ')) break
      await perform({ kind: 'commit-undo', undoing: 0, outcome }, model, real)
    }
    if (this.#finishes) await perform({ kind: 'finish', handle: 0, to: 'over', listed: false }, model, real)
  }

  toString(): string {
    return `drive ${JSON.stringify(this.#outcomes)}${this.#finishes ? ' and finish' : ''}`
  }
}

/** Mostly the newest, which are the ones that may do something. */
const pick = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 3, arbitrary: fc.nat(2) }, fc.nat(11))
const owner = fc.nat(OWNERS - 1)
const seldom = fc.constantFrom(false, false, false, true)
const variant = fc.constantFrom(0, 0, 0, 0, 0, 1)
const terms = fc.constantFrom(null, 0, 0, 300)

type Fields<Kind extends Action['kind']> = {
  [Name in Exclude<keyof Extract<Action, { kind: Kind }>, 'kind'>]: fc.Arbitrary<unknown>
}

function action<Kind extends Action['kind']>(kind: Kind, fields: Fields<Kind>): fc.Arbitrary<Action> {
  return fc.record<Record<string, unknown>>(fields).map((values) => ({ kind, ...values }) as unknown as Action)
}

const CLAIM = {
  ...{ handle: pick, key: fc.constantFrom('own', 'own', ...KEY_NAMES), attempts: fc.constantFrom(1, 1, 3) },
  ...{ args: variant, carries: seldom, byHand: seldom, inside: seldom },
  endless: fc.constantFrom(false, false, false, false, false, true),
}
const open = action('open', { owner, run: fc.constantFrom(...RUN_NAMES), retry: fc.boolean() })
const childOpen = action('open-child', { parent: pick, retry: fc.boolean(), inside: fc.boolean() })
const claim = action('claim', { ...CLAIM, asksMs: fc.constant(null) })
const ask = action('claim', { ...CLAIM, asksMs: terms })
const commit = action('commit', { claim: pick, outcome: fc.constantFrom('succeeded', ...OUTCOME_NAMES) })
const succeed = action('commit', { claim: fc.constant(0), outcome: fc.constant('succeeded') })
const resolve = action('resolve', {
  ...{ effect: pick, handle: pick, args: variant, asksMs: fc.constantFrom(null, null, 0) },
  resolution: fc.constantFrom('takeover', 'applied', 'not_applied', 'unknown'),
  ...{ by: fc.constantFrom('human', 'human', 'reconcile', 'policy'), stale: seldom },
})
const takeOver = action('resolve', {
  ...{ effect: pick, handle: pick, args: variant, asksMs: fc.constantFrom(0, 0, 300) },
  ...{ resolution: fc.constant('takeover'), by: fc.constant('policy'), stale: fc.constant(false) },
})
/** No sum of these is the length of a lease. */
const advance = action('advance', { ms: fc.constantFrom(400, 1_500, 3_000) })
const close = action('close', { handle: pick, to: fc.constantFrom('closing', 'released', 'waiting', 'completed', 'failed') })
const fail = action('close', { handle: pick, to: fc.constant('compensating') })
const renew = action('renew', { owner })
const sweep = action('sweep', { owner })
const die = action('die', { owner })
const cancel = action('cancel', { run: fc.constantFrom(...RUN_NAMES) })
const halt = action('halt', { handle: pick })
const check = action('check', { handle: pick })
const request = action('request', { effect: pick, args: variant, asksMs: fc.constantFrom(0, 300) })
const decide = action('decide', {
  ...{ effect: pick, decision: fc.constantFrom('approve', 'approve', 'deny', 'cancel') },
  ...{ overrule: fc.boolean(), edits: seldom },
})
const approve = action('decide', {
  ...{ effect: fc.constant(0), decision: fc.constant('approve'), overrule: fc.constant(false), edits: seldom },
})
const openUndo = action('open-undo', { owner, run: fc.constantFrom(...RUN_NAMES), which: fc.constantFrom('any', 'any', 'dead') })
const readUndo = action('read-undo', { run: fc.constantFrom(...RUN_NAMES) })
const undoNext = action('undo-next', { handle: pick })
const undo = action('undo', { handle: pick, effect: pick, stale: seldom })
const commitUndo = action('commit-undo', { undoing: pick, outcome: fc.constantFrom('compensated', ...UNDO_OUTCOMES) })
const finish = action('finish', { handle: pick, to: fc.constantFrom('over', 'over', 'released'), listed: seldom })

function steps(...actions: fc.Arbitrary<Action>[]): fc.Arbitrary<Command> {
  return fc.tuple(...actions).map((some) => new Steps(some))
}

function weighted(...actions: fc.Arbitrary<Action>[]): fc.Arbitrary<Command> {
  return fc.oneof(...actions).map((one) => new Steps([one]))
}

/** How runs and effects go, with all that crosses their way. */
export const RUN_STEPS: fc.Arbitrary<Command>[] = [
  weighted(open, open, open, childOpen, childOpen, close, close, renew, renew, halt, cancel, check, sweep, die),
  weighted(claim, claim, claim, commit, commit),
  weighted(claim, claim, claim, commit, commit),
  weighted(resolve, resolve, resolve, advance),
]

/** How humans are asked. */
export const APPROVAL_STEPS: fc.Arbitrary<Command>[] = [
  weighted(open, open, childOpen, close, advance, advance, die, sweep, cancel, openUndo, fail),
  weighted(ask, ask, commit, commit, request, resolve),
  weighted(decide, decide, decide, takeOver, takeOver, claim),
  steps(ask, approve, ask),
]

const outcomes = fc.array(fc.constantFrom('compensated', ...UNDO_OUTCOMES), { minLength: 6, maxLength: 12 })
const drive: fc.Arbitrary<Command> = fc.tuple(outcomes, fc.boolean()).map(([some, ends]) => new Drive(some, ends))
const act = steps(claim, succeed)

/** How runs are undone. */
export const SAGA_STEPS: fc.Arbitrary<Command>[] = [
  weighted(open, open, open, childOpen, childOpen, childOpen, close, advance, renew, sweep, die, cancel),
  ...[act, act, act, drive, steps(fail), steps(childOpen, claim, succeed)],
  weighted(claim, commit, commit, resolve, ask, decide, takeOver, request),
  weighted(fail, fail, openUndo, openUndo, undoNext, undo, undo, commitUndo, commitUndo, finish, finish, readUndo),
]
