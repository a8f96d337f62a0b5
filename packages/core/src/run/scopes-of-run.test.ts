import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { ConfigError } from '../errors/config-error.ts'
import { LimitExceededError } from '../errors/limit-exceeded-error.ts'
import { createLedger, type Ledger } from '../ledger.ts'
import { memory, sqlite } from '../store/sqlite/sqlite.ts'
import { countedTool } from '../testing/counted-tool.ts'
import { temporaryFolder, temporaryLedger } from '../testing/story.ts'
import { usd } from '../usd.ts'
import type { RunOptions } from './run-options.ts'

const pay = countedTool('pay')
let notes = 0

/** Does so many effects in a run of its own, and says how many it came to. */
async function spend(ledger: Ledger, effects: number, options: RunOptions = {}): Promise<number> {
  const before = pay.done.length
  const run = ledger.run({ onError: 'keep', ...options }, async () => {
    for (let done = 0; done < effects; done++) await pay({ note: `${notes++}` })
  })
  await run.catch((error: unknown) => expect(error).toBeInstanceOf(LimitExceededError))
  return pay.done.length - before
}

describe('the limits of a ledger', () => {
  test('are on its session: all its runs share them, and those of another ledger have their own', async () => {
    const folder = temporaryFolder()
    const one = temporaryLedger({ limits: { effects: 3 } }, folder)
    const other = temporaryLedger({ limits: { effects: 3 } }, folder)
    expect([await spend(one, 2), await spend(one, 2), await spend(other, 5)]).toEqual([2, 1, 3])
  })

  test('last as long as the session, whichever process has it', async () => {
    const folder = temporaryFolder()
    const one = temporaryLedger({ session: 's1', limits: { effects: 3 } }, folder)
    expect(await spend(one, 2)).toBe(2)
    expect(await spend(temporaryLedger({ session: 's1', limits: { effects: 3 } }, folder), 5)).toBe(1)
  })

  test('all hold where there are many', async () => {
    const ledger = temporaryLedger({ limits: [{ effects: 3 }, { effects: 2, window: { every: 'day' } }] })
    expect(await spend(ledger, 5)).toBe(2)
  })

  test('are other ones from the moment at which the ledger is created again', async () => {
    const ledger = temporaryLedger({
      name: 'other-limits',
      limits: { effects: 1 },
      scopes: { 'user:*': { effects: 2 } },
    })
    expect([await spend(ledger, 5), await spend(ledger, 1)]).toEqual([1, 0])
    createLedger({ name: 'other-limits', limits: { effects: 9 } })
    expect(await spend(ledger, 2)).toBe(2)
    await expect(ledger.run({ scopes: ['user:ann'] }, () => 1)).rejects.toThrow("the scope 'user:ann'")
    createLedger({ name: 'other-limits' })
    expect(await spend(ledger, 20)).toBe(20)
  })

  test('are those of the ledger that was created last on the same file', async () => {
    const folder = temporaryFolder()
    const options = { session: 's1', scopes: { 'user:ann': { effects: 1 } } }
    const first = temporaryLedger({ ...options, limits: { effects: 1 } }, folder)
    expect(await spend(first, 2, { scopes: ['user:ann'] })).toBe(1)
    const second = temporaryLedger({ session: 's1', scopes: { 'user:ann': { effects: 4 } } }, folder)
    expect(await spend(second, 1, { scopes: ['user:ann'] })).toBe(1)
    // What it says is in force for whoever counts on that scope.
    expect(await spend(first, 9, { scopes: ['user:ann'] })).toBe(2)
  })
})

describe('a scope', () => {
  test('that a run names counts for every run that names it', async () => {
    const ledger = temporaryLedger({ scopes: { 'user:*': { effects: 3 }, 'user:bob': { effects: 1 } } })
    const by = (user: string) => ({ scopes: [`user:${user}`] })
    expect([await spend(ledger, 2, by('ann')), await spend(ledger, 2, by('kim'))]).toEqual([2, 2])
    expect([await spend(ledger, 2, by('ann')), await spend(ledger, 2, by('bob'))]).toEqual([1, 1])
  })

  test('that nothing limits is refused, with what to write; an empty word is enough', async () => {
    const ledger = temporaryLedger({ scopes: { 'org:*': {} } })
    const named = (scope: string) => ledger.run({ id: scope, scopes: [scope] }, () => 'ran')
    await expect(named('user:ann')).rejects.toThrow(ConfigError)
    await expect(named('user:ann')).rejects.toThrow("'user:*': { budget: usd(5) }")
    await expect(named('tenant')).rejects.toThrow("scopes: { 'tenant': { budget")
    expect(await ledger.runs.get('user:ann')).toBeUndefined()
    expect(await named('org:acme')).toBe('ran')
  })

  test('can get its limits from the run that names it', async () => {
    const ledger = temporaryLedger()
    expect(await spend(ledger, 2, { scopes: { 'user:ann': { effects: 3 }, 'org:x': {} } })).toBe(2)
    expect(await spend(ledger, 2, { scopes: ['user:ann'] })).toBe(1)
    expect(await spend(ledger, 9, { scopes: { 'user:ann': [{ effects: 5 }, { effects: 9 }] } })).toBe(2)
  })

  test('of a thread counts the runs of the conversation', async () => {
    const ledger = temporaryLedger({ scopes: { 'thread:*': { effects: 3 } } })
    expect(await spend(ledger, 2, { thread: 't1' })).toBe(2)
    expect([await spend(ledger, 2, { thread: 't1' }), await spend(ledger, 2, { thread: 't2' })]).toEqual([1, 2])
  })

  test('of all runs gives each of them the same limits, unless it has its own', async () => {
    const ledger = temporaryLedger({ scopes: { 'run:*': { effects: 2 } } })
    expect([
      await spend(ledger, 5),
      await spend(ledger, 5),
      await spend(ledger, 5, { limits: { effects: 4 } }),
    ]).toEqual([2, 2, 4])
  })

  test('of everything ever counts whatever ledger does it', async () => {
    const folder = temporaryFolder()
    const options = { scopes: { ledger: { effects: 3 } } }
    expect(await spend(temporaryLedger(options, folder), 2)).toBe(2)
    expect(await spend(temporaryLedger(options, folder), 5)).toBe(1)
  })
})

describe('a function for the limits of scopes', () => {
  test('is asked once for each scope, when a run first names it', async () => {
    const ask = vi.fn(async (scope: string) => ({ effects: scope === 'user:ann' ? 1 : 2 }))
    const ledger = temporaryLedger({ scopes: { 'user:*': ask } })
    await ledger.run(() => 1)
    expect(ask).not.toHaveBeenCalled()
    const by = (user: string) => spend(ledger, 5, { scopes: [`user:${user}`] })
    expect(await Promise.all([by('ann'), by('kim')])).toEqual([expect.any(Number), expect.any(Number)])
    expect([await by('ann'), await by('kim')]).toEqual([0, 0])
    expect(ask.mock.calls.toSorted()).toEqual([['user:ann'], ['user:kim']])
    expect((await ledger.scopes.list('user:kim'))[0]?.limits).toEqual([{ effects: 2 }])
  })

  test('is asked for threads too', async () => {
    const ledger = temporaryLedger({ scopes: { 'thread:*': () => ({ effects: 1 }) } })
    expect(await spend(ledger, 5, { thread: 't1' })).toBe(1)
  })

  test('that fails keeps the run from opening, and is asked again by the next', async () => {
    const ask = vi.fn().mockRejectedValueOnce(new Error('no connection')).mockResolvedValue({ effects: 1 })
    const ledger = temporaryLedger({ scopes: { 'user:*': ask } })
    const agent = vi.fn()
    await expect(ledger.run({ id: 'r', scopes: ['user:ann'] }, agent)).rejects.toThrow('no connection')
    expect(agent).not.toHaveBeenCalled()
    expect(await ledger.runs.get('r')).toBeUndefined()
    expect(await spend(ledger, 5, { scopes: ['user:ann'] })).toBe(1)
  })

  test('that answers what is no limit is a ConfigError that names the scope', async () => {
    const ledger = temporaryLedger({ scopes: { 'user:*': () => ({ budget: 5 as never }) } })
    const run = ledger.run({ scopes: ['user:ann'] }, () => 1)
    await expect(run).rejects.toThrow(/the limits of 'user:ann'.*usd\(5\)/)
  })
})

describe('the limits of a run', () => {
  test('count what runs below it do', async () => {
    const ledger = temporaryLedger()
    const done = pay.done.length
    const run = ledger.run({ limits: { effects: 3 }, onError: 'keep' }, async () => {
      await spend(ledger, 2)
      await spend(ledger, 2)
    })
    await expect(run).rejects.toBeInstanceOf(LimitExceededError)
    expect(pay.done.length - done).toBe(3)
  })

  test('stay until it is opened with others', async () => {
    const ledger = temporaryLedger()
    const again = (options: RunOptions) => spend(ledger, 9, { id: 'r', retry: true, ...options })
    expect(await spend(ledger, 9, { id: 'r', limits: { effects: 2 } })).toBe(2)
    expect(await again({})).toBe(0)
    expect(await again({ limits: { loop: false } })).toBe(0)
    expect(await again({ limits: { effects: 5 } })).toBe(3)
    expect(await again({ limits: {} })).toBe(9)
  })

  test('are refused before anything is opened where they are wrong', async () => {
    const ledger = createLedger({ store: memory() })
    const wrong = [
      { limits: { budget: 2 } },
      { scopes: 'user:ann' },
      { scopes: ['user:*'] },
      { scopes: ['run:x'] },
      { scopes: { 'user:ann': { calls: 0 } } },
      { scopes: { 'user:ann': { loop: false } } },
      { onBudgetExceeded: 'undo' },
    ] as unknown as RunOptions[]
    for (const options of wrong) await expect(ledger.run(options, () => 1)).rejects.toThrow(ConfigError)
    expect(await ledger.runs.list()).toEqual([])
  })
})

describe('a run below another', () => {
  test('counts on the scopes that the one above names, and on its own', async () => {
    const ledger = temporaryLedger({ scopes: { 'user:*': { effects: 3 }, 'org:*': { effects: 2 } } })
    await ledger
      .run({ scopes: ['user:ann'], onError: 'keep' }, () => spend(ledger, 5, { scopes: ['org:x'] }))
      .catch(() => 1)
    const used = async (scope: string) => (await ledger.scopes.usage(scope)).limits[0]?.effects
    expect([await used('user:ann'), await used('org:x')]).toEqual([2, 2])
  })

  test('cannot leave the thread or the session of the one above', async () => {
    const folder = temporaryFolder()
    const scopes = { 'thread:*': { effects: 4 } }
    const [one, other] = ['s1', 's2'].map((session) =>
      temporaryLedger({ session, limits: { effects: 9 }, scopes }, folder),
    )
    const below = { thread: 't2', id: 'below' }
    await one?.run({ thread: 't1' }, () => spend(other as Ledger, 3, below))
    const names = ['thread:t1', 'thread:t2', 'session:s1', 'session:s2']
    const used = await Promise.all(names.map(async (name) => (await one?.scopes.usage(name))?.limits[0]?.effects))
    expect(used).toEqual([3, 3, 3, 3])
  })

  test('that is resumed still counts on them', async () => {
    const ledger = temporaryLedger({ scopes: { 'user:*': { effects: 2 } } })
    const child = (effects: number) => spend(ledger, effects, { id: 'child' })
    const options = { id: 'parent', scopes: ['user:ann'], onError: 'keep' } as const
    const controller = new AbortController()
    const first = ledger.run({ ...options, signal: controller.signal }, async () => {
      await child(1)
      controller.abort()
      throw new Error('interrupted')
    })
    await expect(first).rejects.toThrow()
    await ledger.run({ id: 'parent' }, () => spend(ledger, 5, { id: 'second' })).catch(() => 1)
    expect((await ledger.scopes.usage('user:ann')).limits[0]?.effects).toBe(2)
  })
})

test('a run that began while nothing could be declared counts on its scopes as soon as it is on record', async () => {
  const path = join(temporaryFolder(), 'ledger.db')
  const scopes = { 'user:*': async () => ({ calls: 5 }), 'org:*': { calls: 5 } }
  const store = sqlite(path, { busyMs: 30 })
  const ledger = temporaryLedger({ store, session: 's', limits: { calls: 5 }, scopes, onOutage: 'allow' })
  ledger.on('outage', () => undefined)
  await ledger.migrate()
  const lock = new Database(path)
  onTestFinished(() => void lock.close())
  lock.exec('BEGIN IMMEDIATE')
  await ledger.run({ scopes: ['user:ann', 'org:x'] }, async (run) => {
    await run.call({ provider: 'x', model: 'm', request: { messages: ['hi'] } }, async () => 'said')
    lock.exec('ROLLBACK')
  })
  const names = ['user:ann', 'org:x', 'session:s', 'ledger']
  const calls = await Promise.all(names.map(async (name) => (await ledger.scopes.usage(name)).calls))
  expect(calls).toEqual([1, 1, 1, 1])
})

test('a run tells what it has used, and what is left in every scope that it counts on', async () => {
  const ledger = temporaryLedger({ limits: { budget: usd(5) }, scopes: { 'user:*': { effects: 9 } } })
  await ledger.run({ id: 'up', limits: { budget: usd(3) }, thread: 't' }, () =>
    ledger.run({ id: 'r', limits: { tokens: 100 }, scopes: ['user:ann'] }, async (run) => {
      await pay({ note: `${notes++}` })
      const usage = await run.usage()
      expect(usage).toMatchObject({
        scope: 'run:r',
        spent: 0,
        held: 0,
        remaining: usd(3),
        resetsAt: undefined,
        calls: 0,
      })
      expect(usage.limits.map(({ scope }) => scope.split(':')[0])).toEqual(['run', 'run', 'user', 'session'])
      expect(usage.limits.map(({ effects }) => effects)).toEqual([undefined, undefined, 1, undefined])
    }),
  )
})
