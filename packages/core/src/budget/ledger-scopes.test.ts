import { describe, expect, test } from 'vitest'
import type { Limits } from '../config/limits.ts'
import { ConfigError } from '../errors/config-error.ts'
import { LimitExceededError } from '../errors/limit-exceeded-error.ts'
import type { Ledger } from '../ledger.ts'
import { countedTool } from '../testing/counted-tool.ts'
import { temporaryFolder, temporaryLedger } from '../testing/story.ts'
import { usd } from '../usd.ts'

const pay = countedTool('pay')
let notes = 0

async function spend(ledger: Ledger, effects: number, scope: string): Promise<number> {
  const before = pay.done.length
  const run = ledger.run({ scopes: [scope], onError: 'keep' }, async () => {
    for (let done = 0; done < effects; done++) await pay({ note: `${notes++}` })
  })
  await run.catch((error: unknown) => expect(error).toBeInstanceOf(LimitExceededError))
  return pay.done.length - before
}

const day = { budget: usd(1), window: { every: 'day', timeZone: 'UTC' } } as const

/** As the error's page says it. */
function raiseEffects(effects: number): (present: readonly Limits[]) => readonly Limits[] {
  return (present) => present.map((one) => (one.effects === undefined ? one : { ...one, effects }))
}

async function limitsOf(ledger: Ledger, scope: string): Promise<readonly Limits[]> {
  return (await ledger.scopes.usage(scope)).limits.map(({ limit }) => limit)
}

describe('a limit that is set at run time', () => {
  test('counts at once, for every ledger on the file, and goes before what the code says', async () => {
    const folder = temporaryFolder()
    const one = temporaryLedger({ scopes: { 'user:*': { effects: 1 } } }, folder)
    const other = temporaryLedger({ scopes: { 'user:*': { effects: 1 } } }, folder)
    expect(await spend(one, 2, 'user:ann')).toBe(1)
    await other.scopes.limit('user:ann', { effects: 3 })
    expect([await spend(one, 1, 'user:ann'), await spend(one, 5, 'user:ann')]).toEqual([1, 1])
    await one.scopes.limit('user:ann', {})
    expect(await spend(other, 5, 'user:ann')).toBe(5)
    await one.scopes.limit('user:ann', null)
    expect(await spend(other, 5, 'user:ann')).toBe(0)
  })

  test('on a pattern gives each scope that it fits its own counter', async () => {
    const ledger = temporaryLedger()
    await ledger.scopes.limit('user:*', { effects: 2 })
    expect([await spend(ledger, 5, 'user:ann'), await spend(ledger, 5, 'user:bob')]).toEqual([2, 2])
  })

  test('on a pattern goes before what a function answered for a scope', async () => {
    const ledger = temporaryLedger({ scopes: { 'user:*': async () => ({ effects: 5 }) } })
    expect(await spend(ledger, 1, 'user:ann')).toBe(1)
    await ledger.scopes.limit('user:*', { effects: 2 })
    expect([await spend(ledger, 5, 'user:ann'), await spend(ledger, 5, 'user:bob')]).toEqual([1, 2])
    await ledger.scopes.limit('user:*', null)
    expect(await spend(ledger, 9, 'user:ann')).toBe(3)
  })

  test('replaces all limits of the scope, those of its pattern too', async () => {
    const ledger = temporaryLedger({ scopes: { 'user:*': [day, { effects: 2 }] } })
    await ledger.scopes.limit('user:ann', { effects: 10 })
    expect(await limitsOf(ledger, 'user:ann')).toEqual([{ effects: 10 }])
  })

  test('by a function of those that are present keeps the others', async () => {
    const folder = temporaryFolder()
    const tools = { pay: { effects: 9, rate: [{ effects: 9, perMs: 1_000 }] } }
    const ledger = temporaryLedger({ scopes: { 'user:*': [day, { effects: 2, tools }] } }, folder)
    expect(await spend(ledger, 3, 'user:ann')).toBe(2)
    await ledger.scopes.limit('user:ann', raiseEffects(4))
    expect(await limitsOf(ledger, 'user:ann')).toEqual([day, { effects: 4, tools }])
    expect(await limitsOf(ledger, 'user:bob')).toEqual([day, { effects: 2, tools }])
    expect(await spend(ledger, 3, 'user:ann')).toBe(2)
    await temporaryLedger({}, folder).scopes.limit('user:ann', async (present) => raiseEffects(6)(present))
    expect(await limitsOf(ledger, 'user:ann')).toEqual([day, { effects: 6, tools }])
    await ledger.scopes.limit('user:ann', () => null)
    expect(await limitsOf(ledger, 'user:ann')).toEqual([day, { effects: 2, tools }])
  })

  test('by a function is given what other functions and patterns say', async () => {
    const ledger = temporaryLedger({ scopes: { 'user:*': async () => ({ effects: 2 }), 'org:*': { effects: 3 } } })
    const given: unknown[] = []
    for (const scope of ['user:ann', 'org:acme', 'org:*', 'team:a'])
      await ledger.scopes.limit(scope, (present) => {
        given.push(present)
        return present
      })
    expect(given).toEqual([[{ effects: 2 }], [{ effects: 3 }], [{ effects: 3 }], []])
    await ledger.scopes.limit('run:*', raiseEffects(1))
    const wrong = () => ({ budget: 2 }) as never
    await expect(ledger.scopes.limit('user:ann', wrong)).rejects.toThrow(/scopes\.limit\('user:ann'\).*usd\(2\)/)
    await expect(ledger.scopes.limit('user:ann', () => undefined as never)).rejects.toThrow(ConfigError)
    expect(await limitsOf(ledger, 'user:ann')).toEqual([{ effects: 2 }])
  })

  test('stays before the word of a ledger that is created later', async () => {
    const folder = temporaryFolder()
    await temporaryLedger({}, folder).scopes.limit('user:ann', { effects: 2 })
    const later = temporaryLedger({ scopes: { 'user:ann': { effects: 9 } } }, folder)
    expect(await spend(later, 5, 'user:ann')).toBe(2)
  })

  test('that is wrong changes nothing', async () => {
    const ledger = temporaryLedger()
    const wrong = (scope: string, limits: unknown) => ledger.scopes.limit(scope, limits as never)
    await expect(wrong('user:ann', { budget: 2 })).rejects.toThrow(/scopes\.limit\('user:ann'\).*usd\(2\)/)
    await expect(wrong('*', {})).rejects.toThrow(ConfigError)
    await expect(wrong('user:ann', { wallMs: 1 })).rejects.toThrow('wallMs')
    await expect(wrong('run:r', { loop: false })).rejects.toThrow('loop')
    await expect(wrong('user:ann', undefined)).rejects.toThrow(ConfigError)
    expect(await ledger.scopes.list()).toEqual([])
  })

  test('is told, and so is what the code says; what was so already is not', async () => {
    const ledger = temporaryLedger({ session: 's', limits: { calls: 5 }, scopes: { 'user:*': { calls: 1 } } })
    const told: unknown[] = []
    ledger.on('limits-set', (event) => told.push(event))
    await ledger.scopes.limit('user:ann', { calls: 3 })
    await ledger.scopes.limit('user:ann', { calls: 3 })
    await ledger.run(() => 1)
    const code = ['session:s', 'user:*'].map((scope) => ({ scope, source: 'code' }))
    expect(told).toEqual([...code, { scope: 'user:ann', source: 'runtime' }])
  })
})

describe('ledger.scopes', () => {
  test('lists what is set, as somebody would write it', async () => {
    const month = { budget: usd(100), window: { every: 'month', timeZone: 'UTC' } } as const
    const ledger = temporaryLedger({ scopes: { ledger: [month, { calls: 9 }], 'org:*': {} } })
    await ledger.scopes.limit('user:*', { rate: { calls: 60, perMs: 60_000 } })
    await ledger.run({ id: 'r', limits: { tokens: 5 } }, () => 1)
    expect((await ledger.scopes.list()).toSorted((one, other) => (one.scope < other.scope ? -1 : 1))).toEqual([
      { scope: 'ledger', source: 'code', limits: [month, { calls: 9 }] },
      { scope: 'org:*', source: 'code', limits: [] },
      { scope: 'user:*', source: 'runtime', limits: [{ rate: [{ calls: 60, perMs: 60_000 }] }] },
    ])
    expect(await ledger.scopes.list('run:r')).toEqual([{ scope: 'run:r', source: 'code', limits: [{ tokens: 5 }] }])
    expect(await ledger.scopes.list('nobody')).toEqual([])
  })

  test('shows the limits of the code before anything has run', async () => {
    const ledger = temporaryLedger({ scopes: { 'user:*': async () => ({ budget: usd(5) }), ledger: { calls: 7 } } })
    expect((await ledger.scopes.usage('user:ann')).remaining).toBe(usd(5))
    expect((await ledger.scopes.usage('ledger')).limits).toMatchObject([{ scope: 'ledger', limit: { calls: 7 } }])
  })

  test('shows nothing used where nothing was', async () => {
    expect(await temporaryLedger().scopes.usage('user:nobody')).toEqual({
      ...{ scope: 'user:nobody', spent: 0, held: 0, remaining: undefined, resetsAt: undefined },
      ...{ tokens: 0, heldTokens: 0, calls: 0, limits: [] },
    })
  })

  test('shows the budget with the least left, and when there is more of it', async () => {
    const day = { budget: usd(2), window: { every: 'day', timeZone: 'Europe/Berlin' } } as const
    const soft = { budget: usd(1), mode: 'soft' } as const
    const ledger = temporaryLedger({ scopes: { 'user:ann': [{ budget: usd(5), finalReserve: usd(1) }, day, soft] } })
    const { remaining, resetsAt, limits } = await ledger.scopes.usage('user:ann')
    expect(remaining).toBe(usd(2))
    expect(limits.map((limit) => limit.remaining)).toEqual([usd(4), usd(2), usd(1)])
    expect(resetsAt).toEqual(limits[1]?.resetsAt)
    expect(limits[0]?.resetsAt).toBeUndefined()
    // November: an hour ahead of UTC.
    const midnight = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Berlin', timeStyle: 'short' })
    expect(midnight.format(resetsAt)).toBe('00:00')
  })
})
