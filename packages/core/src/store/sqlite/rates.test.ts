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

  test('gives no new burst when it becomes another one: what it owes goes on at the new pace', async () => {
    const { store, run } = await pacing({ count: 60, perMs: 60_000, burst: 60 })
    for (let call = 0; call < 60; call++) await openHold(store, run, CALL)
    await setLimits(store, { [USER]: [paced({ count: 10, perMs: 60_000, burst: 10 })] })
    // Fifty-one of the sixty have to be past, at six seconds each.
    const owed = { what: 'rate', limit: 10, spent: 60, resetsAt: AT + 51 * 6_000 }
    expect(await openHold(store, run, CALL)).toMatchObject(owed)
    await setLimits(store, { [USER]: [paced({ count: 60, perMs: 60_000, burst: 60 })] })
    expect(await openHold(store, run, CALL)).toMatchObject({ what: 'rate', spent: 60, resetsAt: AT + 1_000 })
    expect(await openHold(store, run, CALL, AT + 1_000)).toMatchObject({ kind: 'held' })
  })

  test('goes on from the one of the same span, where several become others, and else from the fullest', async () => {
    const [second, day] = [{ burst: 3 }, { count: 20, perMs: 86_400_000, burst: 20 }]
    const { store, run } = await pacing(second, day)
    for (let call = 0; call < 3; call++) await openHold(store, run, CALL)
    for (let call = 0; call < 3; call++) await openHold(store, run, CALL, AT + 60_000)
    const later = AT + 120_000
    await setLimits(store, { [USER]: [paced({ burst: 2 }, { ...day, count: 19 })] })
    const kinds = [1, 2, 3].map(async () => openHold(store, run, CALL, later))
    expect(await Promise.all(kinds)).toMatchObject([{ kind: 'held' }, { kind: 'held' }, { limit: 2 }])
    await setLimits(store, { [USER]: [paced({ count: 100, perMs: 3_600_000, burst: 8 })] })
    expect(await openHold(store, run, CALL, later + 60_000)).toMatchObject({ limit: 100, spent: 8 })
  })

  test('begins with nothing beside others that stay as they are, or where nothing of its kind was counted', async () => {
    const { store, run } = await pacing({ count: 9, perMs: 86_400_000, burst: 9 })
    for (let call = 0; call < 5; call++) await openHold(store, run, CALL)
    await setLimits(store, { [USER]: [paced({ count: 9, perMs: 86_400_000, burst: 9 }, { burst: 3 })] })
    for (let call = 0; call < 3; call++) expect(await openHold(store, run, CALL)).toMatchObject({ kind: 'held' })
    expect(await openHold(store, run, CALL)).toMatchObject({ limit: 2 })
    await setLimits(store, { [USER]: [paced({ of: 'tokens', burst: 3 })] })
    expect(await openHold(store, run, ofTokens(3))).toMatchObject({ kind: 'held' })
  })

  test('counts in full what happened out of reach of the store, and forgets nothing for it', async () => {
    const { store, run } = await pacing({})
    const now = AT + 600_000
    for (let call = 0; call < 2; call++) await openHold(store, run, CALL, now)
    const old = await store.openHold({ run, label: 'gpt-5', hold: CALL, afterwards: true, at: AT })
    if (old.kind !== 'held') throw new Error(old.kind)
    await settleHold(store, old.hold, spent(0), AT)
    expect(await openHold(store, run, CALL, now)).toMatchObject({ what: 'rate', spent: 3, resetsAt: now + 1_000 })
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

  test('gives back nothing for a call that it has not had, because it was away then', async () => {
    const { store, run } = await pacing(TOKENS)
    await held(store, run, 1)
    await setLimits(store, { [USER]: [] })
    const free = await held(store, run, 90, AT + 10)
    await setLimits(store, { [USER]: [paced(TOKENS)] })
    await held(store, run, 100, AT + 20)
    await settleHold(store, free, spent(0), AT + 30)
    expect(await openHold(store, run, ofTokens(50), AT + 40)).toMatchObject({ what: 'rate', spent: 98 })
  })

  test('gives back what it did not use of a call that it had as another rate', async () => {
    const { store, run } = await pacing(TOKENS)
    const hold = await held(store, run, 100)
    await setLimits(store, { [USER]: [paced({ ...TOKENS, count: 50, burst: 100 })] })
    await settleHold(store, hold, spent(0, { tokens: 10 }))
    await held(store, run, 90)
    expect(await openHold(store, run, ofTokens(1))).toMatchObject({ what: 'rate', resetsAt: AT + 20 })
  })

  test('forgets nothing for a settlement of long ago that is told of late', async () => {
    const { store, run } = await pacing(TOKENS)
    const now = AT + 600_000
    const old = await held(store, run, 1)
    await held(store, run, 100, now)
    await settleHold(store, old, spent(0, { tokens: 2 }), AT)
    expect(await openHold(store, run, ofTokens(90), now)).toMatchObject({ what: 'rate', spent: 101 })
  })

  test('keeps more than can be counted as the most that can', async () => {
    const { store, run } = await pacing({ of: 'tokens', count: 1, perMs: 86_400_000_000, burst: 100 })
    await settleHold(store, await held(store, run, 1), spent(0, { tokens: 900_000_000 }))
    expect(await openHold(store, run, ofTokens(1))).toMatchObject({ what: 'rate' })
    expect(await store.verify()).toEqual([])
  })

  test('says that it is one of tokens', async () => {
    const { store, run } = await pacing(TOKENS)
    await held(store, run, 100)
    expect(await openHold(store, run, ofTokens(1))).toMatchObject({ what: 'rate', of: 'tokens' })
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
