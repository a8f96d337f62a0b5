import type { HoldCost, HoldTerms, LimitTerms } from '../../limit-records.ts'
import type { RunRef } from '../../records.ts'
import type { Store } from '../../store.ts'
import { AT, key } from './fixture.ts'

/** A hard limit on nothing; what is given makes it one. */
export function limit(overrides: Partial<LimitTerms> = {}): LimitTerms {
  return {
    ...{ mode: 'hard', budgetNano: null, finalReserveNano: 0, tokens: null, calls: null, effects: null, wallMs: null },
    ...{ rates: [], tools: [], window: null, thresholds: [] },
    ...overrides,
  }
}

export function budget(budgetNano: number, overrides: Partial<LimitTerms> = {}): LimitTerms {
  return limit({ budgetNano, ...overrides })
}

/** One nano-USD a token. */
export const ONE_NANO = 1_000_000

/** A call that costs so much for its input, and nothing for its output. */
export function asking(inputNano: number, overrides: Partial<HoldTerms> = {}): HoldTerms {
  return {
    ...{ inputNano, inputTokens: 0, outputRate: 0, output: { least: 0, most: 0 }, refuseFor: null, bounded: true },
    ...{ priceVersion: 'prices 1', final: false },
    ...overrides,
  }
}

type Spent = Extract<HoldCost, { kind: 'spent' }>

export function spent(nano: number, overrides: Partial<Spent> = {}): Spent {
  return { kind: 'spent', nano, tokens: 0, exactUsd: null, priceVersion: null, estimated: false, ...overrides }
}

export const CHARGED: HoldCost = { kind: 'charged' }
export const UNSENT: HoldCost = { kind: 'released', sent: false }
export const REFUSED_BY_PROVIDER: HoldCost = { kind: 'released', sent: true }

/** Sets what the code says of some scopes. */
export async function setLimits(
  store: Store,
  limits: Readonly<Record<string, readonly LimitTerms[] | null>>,
  source: 'code' | 'runtime' = 'code',
): Promise<readonly string[]> {
  const all = Object.entries(limits).map(([pattern, terms]) => ({ pattern, source, terms }))
  return (await store.setLimits({ limits: all, at: AT })).changed
}

export function openHold(store: Store, run: RunRef, hold: HoldTerms, at = AT): ReturnType<Store['openHold']> {
  return store.openHold({ run, label: 'gpt-5', hold, at })
}

/** Takes a hold that nothing speaks against, and answers with its id. */
export async function hold(store: Store, run: RunRef, inputNano: number, at = AT): Promise<number> {
  const held = await openHold(store, run, asking(inputNano), at)
  if (held.kind !== 'held') throw new Error(`Nothing was held: ${JSON.stringify(held)}`)
  return held.hold
}

export function settleHold(store: Store, id: number, cost: HoldCost, at = AT): ReturnType<Store['settleHold']> {
  return store.settleHold({ hold: id, cost, usage: null, at })
}

/** Holds, and spends all of it. */
export async function spend(store: Store, run: RunRef, nano: number, at = AT): Promise<void> {
  await settleHold(store, await hold(store, run, nano, at), spent(nano), at)
}

/** A call that is about to be sent. */
export function calling(run: RunRef, terms: HoldTerms | null): Parameters<Store['reserve']>[0] {
  const hashes = { exactHash: key(1), maskedHash: key(2), restHash: 'rest' }
  const call = { lane: 'root', provider: 'openai', model: 'gpt-5', request: '{}', effect: null }
  return { run, ...call, ...hashes, hold: terms, at: AT }
}

/** What is left in figures: spent and held of a scope. */
export async function sums(
  store: Store,
  scope: string,
  at = AT,
): Promise<readonly [spent: number, held: number] | null> {
  const usage = await store.readUsage(scope, at)
  return usage === null ? null : [usage.spentNano, usage.heldNano]
}

/** The same in the present period of the scope's only limit. */
export async function periodSums(
  store: Store,
  scope: string,
  at = AT,
): Promise<readonly [spent: number, held: number]> {
  const [usage] = (await store.readUsage(scope, at))?.limits ?? []
  if (usage === undefined) throw new Error(`${scope} has no limit`)
  return [usage.spentNano, usage.heldNano]
}
