import { describe, expect, test } from 'vitest'
import type { LimitTerms } from '../limit-records.ts'
import type { RunRef } from '../records.ts'
import type { Store } from '../store.ts'
import { AT, openRun, openStore, temporaryFile } from './testing/fixture.ts'
import {
  asking,
  budget,
  hold,
  limit,
  ONE_NANO,
  openHold,
  setLimits,
  settleHold,
  spent,
} from './testing/money-fixture.ts'

/** A run of a user, in an organisation, with limits where they are given. */
async function limited(
  limits: Readonly<Record<string, readonly LimitTerms[]>>,
): Promise<{ store: Store; run: RunRef }> {
  const store = openStore(temporaryFile())
  await setLimits(store, limits)
  return { store, run: await openRun(store, { sessionScopes: ['user:ann', 'org:acme'] }) }
}

describe('what cannot be bounded', () => {
  test.each([
    ['unpriced', [budget(100)], 'budget'],
    ['unpriced', [limit({ tokens: 100 })], null],
    ['unpriced', [limit({ calls: 100 })], null],
    ['unpriced', [budget(100, { mode: 'soft' })], null],
    ['unbounded', [budget(100)], 'budget'],
    ['unbounded', [limit({ tokens: 100 })], 'tokens'],
    ['unbounded', [], null],
  ] as const)('because it is %s, under %j, is refused for: %s', async (refuseFor, terms, what) => {
    const { store, run } = await limited({ 'org:*': terms })
    const answer = await openHold(store, run, asking(1, { refuseFor }))
    if (what === null) return expect(answer.kind).toBe('held')
    expect(answer).toEqual({ kind: 'not_bounded', why: refuseFor, scope: 'org:acme', runSeq: null, what, limit: 100 })
  })
})

describe('the output that is granted', () => {
  const asked = asking(10, { inputTokens: 5, outputRate: 2 * ONE_NANO, output: { least: 3, most: 100 } })

  test('is the most that all scopes afford, in money and in tokens', async () => {
    const { store, run } = await limited({
      'user:*': [budget(50)],
      'org:*': [limit({ tokens: 22 })],
      ledger: [budget(9_000)],
    })
    const granted = { kind: 'held', nano: 44, tokens: 22, outputTokens: 17, limited: true }
    expect(await openHold(store, run, asked)).toMatchObject(granted)
    expect(await openHold(store, run, asked)).toMatchObject({ what: 'budget', scope: 'user:ann', requested: 16 })
  })

  test('is refused below the least that would do, which is what was requested', async () => {
    const { store, run } = await limited({ ledger: [budget(15)] })
    expect(await openHold(store, run, asked)).toMatchObject({ kind: 'limited', requested: 16, limit: 15 })
    await setLimits(store, { ledger: [budget(16)] })
    expect(await openHold(store, run, asked)).toMatchObject({ kind: 'held', outputTokens: 3, nano: 16 })
  })

  test.each([
    ['nothing is limited', [], false],
    ['only calls are', [limit({ calls: 9 })], false],
    ['only a soft limit is there', [budget(1, { mode: 'soft' })], false],
    ['money is', [budget(9_000)], true],
    ['tokens are', [limit({ tokens: 9_000 })], true],
  ])('is all of it, and no cap is needed or is, where %s', async (_, terms, isLimited) => {
    const { store, run } = await limited({ ledger: terms })
    expect(await openHold(store, run, asked)).toMatchObject({ kind: 'held', outputTokens: 100, limited: isLimited })
  })

  test('needs no cap under a budget if it costs nothing', async () => {
    const { store, run } = await limited({ ledger: [budget(10)] })
    const free = asking(10, { output: { least: 1, most: 100 } })
    expect(await openHold(store, run, free)).toMatchObject({ outputTokens: 100, limited: false })
  })

  test('is no more than the rate of tokens ever allows at once', async () => {
    const rates = [{ of: 'tokens', tool: null, count: 10, perMs: 1_000, burst: 40 } as const]
    const { store, run } = await limited({ ledger: [limit({ rates })] })
    expect(await openHold(store, run, asked)).toMatchObject({ outputTokens: 35, tokens: 40, limited: true })
    expect(await openHold(store, run, asked)).toMatchObject({ what: 'rate', requested: 40, resetsAt: AT + 4_000 })
    const large = asking(0, { inputTokens: 41 })
    expect(await openHold(store, run, large)).toMatchObject({ what: 'rate', waitingHelps: false, resetsAt: null })
  })

  test('gives the tokens that were not used back to their rate', async () => {
    const rates = [{ of: 'tokens', tool: null, count: 10, perMs: 1_000, burst: 40 } as const]
    const { store, run } = await limited({ ledger: [limit({ rates })] })
    const held = await openHold(store, run, asking(0, { inputTokens: 40 }))
    if (held.kind !== 'held') throw new Error(held.kind)
    expect(await openHold(store, run, asking(0, { inputTokens: 20 }))).toMatchObject({ what: 'rate' })
    await settleHold(store, held.hold, spent(0, { tokens: 20 }))
    expect(await openHold(store, run, asking(0, { inputTokens: 20 }))).toMatchObject({ kind: 'held' })
    expect(await openHold(store, run, asking(0, { inputTokens: 1 }))).toMatchObject({ what: 'rate' })
  })
})

describe('what costs nothing', () => {
  test('is never refused for money or tokens, however much is spent', async () => {
    const { store, run } = await limited({ ledger: [budget(5), limit({ tokens: 5 })] })
    const id = await hold(store, run, 5)
    await settleHold(store, id, spent(50, { tokens: 50 }))
    expect(await openHold(store, run, asking(1))).toMatchObject({ kind: 'limited', what: 'budget', spent: 50 })
    const free = { output: { least: 0, most: 0 }, inputTokens: 0 }
    expect(await openHold(store, run, asking(0, free))).toMatchObject({ kind: 'held', nano: 0, tokens: 0 })
    await setLimits(store, { ledger: [budget(5)] })
    const model = { inputTokens: 100, output: { least: 10, most: 1_000 } }
    expect(await openHold(store, run, asking(0, model))).toMatchObject({ kind: 'held', outputTokens: 1_000 })
  })
})
