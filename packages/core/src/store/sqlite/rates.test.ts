import { describe, expect, test } from 'vitest'
import type { LimitTerms, RateTerms } from '../limit-records.ts'
import type { RunRef } from '../records.ts'
import type { Store } from '../store.ts'
import { AT, claiming, key, openProcess, openRun, openStore, temporaryFile } from './testing/fixture.ts'
import {
  asking,
  CHARGED,
  calling,
  limit,
  openHold,
  REFUSED_BY_PROVIDER,
  setLimits,
  settleHold,
  spent,
  UNSENT,
} from './testing/money-fixture.ts'

const USER = 'user:ann'

function paced(...rates: readonly Partial<RateTerms>[]): LimitTerms {
  const all = rates.map((rate) => ({ of: 'calls' as const, tool: null, count: 2, perMs: 1_000, burst: 2, ...rate }))
  return limit({ rates: all })
}

/** A run that counts on a user, who is to keep to a pace. */
async function pacing(...rates: readonly Partial<RateTerms>[]): Promise<{ store: Store; run: RunRef; path: string }> {
  const path = temporaryFile()
  const store = openStore(path)
  await setLimits(store, { [USER]: [paced(...rates)] })
  return { store, path, run: await openRun(store, { scopes: [USER] }) }
}

const CALL = asking(0)
const ofTokens = (tokens: number) => asking(0, { inputTokens: tokens })

describe('a pace of calls', () => {
  test('lets a burst through and then says when the next one may begin', async () => {
    const { store, run } = await pacing({})
    const kinds = [await openHold(store, run, CALL), await openHold(store, run, CALL)].map(({ kind }) => kind)
    expect(kinds).toEqual(['held', 'held'])
    const refused = {
      what: 'rate',
      scope: USER,
      runSeq: null,
      limit: 2,
      perMs: 1_000,
      spent: 2,
      requested: 1,
      tool: null,
    }
    const waiting = { kind: 'limited', ...refused, waitingHelps: true, resetsAt: AT + 500 }
    expect(await openHold(store, run, CALL)).toMatchObject(waiting)
    expect(await openHold(store, run, CALL, AT + 499)).toMatchObject(waiting)
    expect(await openHold(store, run, CALL, AT + 500)).toMatchObject({ kind: 'held' })
    expect(await openHold(store, run, CALL, AT + 500)).toMatchObject({ resetsAt: AT + 1_000 })
  })

  test('is one for all runs and processes that count on the scope', async () => {
    const { store, run, path } = await pacing({})
    const other = openProcess(path)
    const theirs = await openRun(other, { id: 'theirs', scopes: [USER] })
    const stranger = await openRun(other, { id: 'stranger' })
    expect(await openHold(store, run, CALL)).toMatchObject({ kind: 'held' })
    expect(await other.reserve(calling(theirs, CALL))).toMatchObject({ kind: 'held' })
    expect(await store.reserve(calling(run, CALL))).toMatchObject({ what: 'rate' })
    expect(await openHold(other, theirs, CALL)).toMatchObject({ what: 'rate' })
    expect(await openHold(other, stranger, CALL)).toMatchObject({ kind: 'held' })
  })

  test('begins anew once it is another one, and goes on when it is set again as it was', async () => {
    const { store, run } = await pacing({ burst: 1 })
    await openHold(store, run, CALL)
    expect(await openHold(store, run, CALL)).toMatchObject({ what: 'rate' })
    await setLimits(store, { [USER]: [paced({ burst: 1, count: 3 })] })
    expect(await openHold(store, run, CALL)).toMatchObject({ kind: 'held' })
    await setLimits(store, { [USER]: [paced({ burst: 1 })] })
    expect(await openHold(store, run, CALL)).toMatchObject({ what: 'rate' })
  })

  test('names the one of several that keeps it waiting longest, and counts none of a call that is refused', async () => {
    const { store, run } = await pacing({ burst: 1 }, { count: 1, perMs: 60_000, burst: 2 })
    await openHold(store, run, CALL)
    expect(await openHold(store, run, CALL)).toMatchObject({ limit: 2, resetsAt: AT + 500 })
    await openHold(store, run, CALL, AT + 500)
    expect(await openHold(store, run, CALL, AT + 500)).toMatchObject({ limit: 1, resetsAt: AT + 60_000 })
    await setLimits(store, { [USER]: [paced({ burst: 1 })] })
    expect(await openHold(store, run, CALL, AT + 1_000)).toMatchObject({ kind: 'held' })
  })

  test('counts once where two limits of a scope have the same one, and not where the limit is soft', async () => {
    const { store, run } = await pacing({})
    await setLimits(store, { [USER]: [paced({}), paced({})] })
    await openHold(store, run, CALL)
    expect(await openHold(store, run, CALL)).toMatchObject({ kind: 'held' })
    expect(await openHold(store, run, CALL)).toMatchObject({ what: 'rate' })
    await setLimits(store, { [USER]: [{ ...paced({}), mode: 'soft' }, paced({ of: 'effects' })] })
    expect(await openHold(store, run, CALL)).toMatchObject({ kind: 'held' })
  })

  test('has not had a call that was never sent, and keeps one that the provider refused', async () => {
    const { store, run } = await pacing({ burst: 1 })
    const opened = async (at: number) => {
      const held = await openHold(store, run, CALL, at)
      if (held.kind !== 'held') throw new Error(held.kind)
      return held.hold
    }
    await settleHold(store, await opened(AT), UNSENT)
    const sent = await opened(AT)
    await settleHold(store, sent, REFUSED_BY_PROVIDER)
    expect(await openHold(store, run, CALL)).toMatchObject({ what: 'rate' })
  })
})

describe('a pace of tokens', () => {
  const TOKENS = { of: 'tokens', count: 100, perMs: 1_000, burst: 100 } as const

  async function held(store: Store, run: RunRef, tokens: number, at = AT): Promise<number> {
    const answer = await openHold(store, run, ofTokens(tokens), at)
    if (answer.kind !== 'held') throw new Error(answer.kind)
    return answer.hold
  }

  test('takes the most that a call can use, and gives back what it did not', async () => {
    const { store, run } = await pacing(TOKENS)
    const hold = await held(store, run, 80)
    expect(await openHold(store, run, ofTokens(21))).toMatchObject({
      what: 'rate',
      spent: 80,
      requested: 21,
      limit: 100,
    })
    await settleHold(store, hold, spent(0, { tokens: 10 }))
    await held(store, run, 90)
    expect(await openHold(store, run, ofTokens(1))).toMatchObject({ resetsAt: AT + 10 })
  })

  test('gives back only what is not past', async () => {
    const { store, run } = await pacing(TOKENS)
    const hold = await held(store, run, 80)
    await held(store, run, 70, AT + 500)
    // Of the eighty, thirty are in its way still.
    await settleHold(store, hold, spent(0), AT + 500)
    expect(await openHold(store, run, ofTokens(31), AT + 500)).toMatchObject({ what: 'rate' })
    expect(await openHold(store, run, ofTokens(30), AT + 500)).toMatchObject({ kind: 'held' })
  })

  test('waits the longer for what was used beyond what was held', async () => {
    const { store, run } = await pacing(TOKENS)
    await settleHold(store, await held(store, run, 50), spent(0, { tokens: 250 }))
    expect(await openHold(store, run, ofTokens(1))).toMatchObject({ what: 'rate', resetsAt: AT + 1_510 })
  })

  test('keeps what nobody knows until somebody says it', async () => {
    const { store, run } = await pacing(TOKENS)
    const hold = await held(store, run, 100)
    await settleHold(store, hold, CHARGED)
    expect(await openHold(store, run, ofTokens(90))).toMatchObject({ what: 'rate' })
    await settleHold(store, hold, spent(0, { tokens: 10 }))
    expect(await openHold(store, run, ofTokens(90))).toMatchObject({ kind: 'held' })
  })

  test('owes nothing for a call that was taken before it was set', async () => {
    const { store, run } = await pacing({})
    const hold = await held(store, run, 100)
    await setLimits(store, { [USER]: [paced(TOKENS)] })
    await held(store, run, 100, AT + 1)
    await settleHold(store, hold, spent(0), AT + 1)
    expect(await openHold(store, run, ofTokens(1), AT + 1)).toMatchObject({ what: 'rate' })
  })

  test('never has room for more than a burst, and says that waiting is no use', async () => {
    const { store, run } = await pacing(TOKENS)
    const never = { what: 'rate', waitingHelps: false, resetsAt: null, requested: 101 }
    expect(await openHold(store, run, ofTokens(101))).toMatchObject(never)
  })
})

describe('a pace of effects', () => {
  const perform = async (store: Store, run: RunRef, tool: string, at = AT) =>
    store.claimEffect(claiming(run, { keys: [key()], tool, at }))

  test('holds back the next generation, of all tools or of one', async () => {
    const { store, run } = await pacing({ of: 'effects', tool: 'mail', burst: 1 }, { of: 'effects', burst: 3 })
    expect(await perform(store, run, 'mail')).toMatchObject({ kind: 'claimed' })
    expect(await perform(store, run, 'mail')).toMatchObject({
      kind: 'limited',
      what: 'rate',
      tool: 'mail',
      resetsAt: AT + 500,
    })
    expect(await perform(store, run, 'pay')).toMatchObject({ kind: 'claimed' })
    expect(await perform(store, run, 'pay')).toMatchObject({ kind: 'claimed' })
    expect(await perform(store, run, 'pay')).toMatchObject({ kind: 'limited', what: 'rate', tool: null })
    expect(await perform(store, run, 'mail', AT + 500)).toMatchObject({ kind: 'claimed' })
  })

  test('holds back reads too, and takes no notice of calls', async () => {
    const { store, run } = await pacing({ of: 'effects', burst: 1 })
    expect(await openHold(store, run, CALL)).toMatchObject({ kind: 'held' })
    expect(await store.startRead({ run, tool: 'look', at: AT })).toEqual({ kind: 'open' })
    expect(await store.startRead({ run, tool: 'look', at: AT })).toMatchObject({ what: 'rate', resetsAt: AT + 500 })
    expect(await openHold(store, run, CALL)).toMatchObject({ kind: 'held' })
  })
})
