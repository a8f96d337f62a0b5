import { describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { LoopDetectedError } from '../errors/loop-detected-error.ts'
import { temporaryLedger } from '../testing/story.ts'
import { tool } from './callable-tool.ts'
import { loopGuard } from './loop-guard.ts'
import type { Run } from './run.ts'
import { again } from './testing/again.ts'
import { endingOf } from './testing/ending-of.ts'

const ID = { id: 'turn-1' }

describe('a guarded function in a run', () => {
  test('is stopped at the sixth equal call, is not called then, and neither is what follows', async () => {
    const ledger = temporaryLedger()
    const called = vi.fn((query: string) => [`nothing about ${query}`])
    const search = loopGuard(ledger, 'search-web', called)
    const other = loopGuard(ledger, 'other', () => 'other')
    const thrown: unknown[] = []
    const error = await endingOf(ledger, ID, async () => {
      for (let time = 0; time < 9; time++) {
        try {
          search('python')
        } catch (stopped) {
          thrown.push(stopped)
        }
      }
      for (const call of [() => other(), async () => other()]) thrown.push(await outcomeOf(call))
    })
    expect(called).toHaveBeenCalledTimes(5)
    expect(error).toMatchObject({ tool: 'search-web', callCount: 6, signature: 'search-web|"python"', runId: 'turn-1' })
    expect(thrown).toEqual(Array.from({ length: 6 }, () => error))
    expect(await ledger.runs.get('turn-1')).toMatchObject({ status: 'failed', error: { code: 'loop-detected' } })
  })

  test('may be called for ever as long as its result changes, or its arguments', async () => {
    const ledger = temporaryLedger()
    let n = 0
    const poll = loopGuard(ledger, 'poll', async () => ++n)
    const add = loopGuard(ledger, 'add', (one: number, other: number) => (one + other) * 0)
    expect(await ledger.run(ID, () => again(20, () => poll()))).toBe(20)
    expect(await ledger.run({ id: 'b' }, () => again(20, (time) => add(1, time)))).toBe(20)
  })

  test('is in a loop when it fails in the same way, at once or later', async () => {
    const ledger = temporaryLedger()
    const now = loopGuard(ledger, 'now', (): string => {
      throw new Error('no')
    })
    const later = loopGuard(ledger, 'later', () => Promise.reject(new Error('no')))
    for (const [id, call] of Object.entries({ now, later })) {
      let times: number | undefined
      const error = await endingOf(ledger, { id }, async () => {
        times = await again(20, async () => call())
      })
      expect([times, error]).toEqual([5, expect.any(LoopDetectedError)])
    }
  })

  test('is stopped by nothing where nobody can compare its results', async () => {
    const ledger = temporaryLedger()
    class Page {}
    for (const make of [() => new Page(), () => new Response('x'), async () => () => 1]) {
      const open = loopGuard(ledger, 'open', make)
      expect(await ledger.run({ id: `${make}` }, () => again(9, () => open()))).toBe(9)
    }
  })

  test('counts by its calls alone where its results come later', async () => {
    const ledger = temporaryLedger()
    for (const make of [() => thenable(), function* () {}, () => new ReadableStream()]) {
      const open = loopGuard(ledger, 'open', make)
      expect(await endingOf(ledger, { id: `${make}` }, () => again(9, () => void open()))).toBeInstanceOf(
        LoopDetectedError,
      )
    }
    expect(asked).toBe(0)
  })

  test('and the tool that it is are counted once', async () => {
    const ledger = temporaryLedger()
    const plain = tool({
      name: 'search',
      effect: 'read',
      inputSchema: z.object({ query: z.string(), limit: z.number().default(10) }),
      execute: () => 'nothing',
    })
    const search = loopGuard(ledger, plain)
    expect(search.toolName).toBe('search')
    const error = await endingOf(ledger, ID, async (run: Run) => {
      for (let time = 0; time < 3; time++) await search({ query: 'x' })
      expect(run.loops.counts()).toMatchObject([{ tool: 'search', count: 3 }])
      await search({ query: 'x' })
      await search({ query: 'x' })
      await plain({ query: 'x' })
    })
    expect(error).toMatchObject({ callCount: 6 })
  })

  test('that is asked for fifty times at once is one call', async () => {
    const ledger = temporaryLedger()
    const search = loopGuard(ledger, 'search', async (_: string) => 'nothing')
    await ledger.run(ID, async (run) => {
      for (let turn = 0; turn < 4; turn++) await Promise.all(Array.from({ length: 50 }, () => search('x')))
      expect(run.loops.counts()).toMatchObject([{ count: 4 }])
    })
  })
})

/** What a call gave or threw, at once or later. */
async function outcomeOf(call: () => unknown): Promise<unknown> {
  try {
    return await call()
  } catch (error) {
    return error
  }
}

let asked = 0
/** What a query builder returns: it begins its work when somebody waits for it. */
function thenable() {
  return {
    // biome-ignore lint/suspicious/noThenProperty: that is what it is about
    then: () => {
      asked++
    },
  }
}

describe('a guarded function outside of runs', () => {
  test('is looked after by its ledger, each for itself', async () => {
    const ledger = temporaryLedger()
    const others = temporaryLedger({ limits: { loop: { repeats: 2 } } })
    const nothing = (_: string) => 'nothing'
    const search = loopGuard(ledger, 'search', nothing)
    const read = loopGuard(ledger, 'read', nothing)
    expect(await again(20, () => search('python'))).toBe(5)
    expect(() => search('python')).toThrow(/^"search" was called 5 times in a row .* The next call was not run\. /)
    expect(search('rust')).toBe('nothing')
    expect(read('python')).toBe('nothing')
    expect(await again(20, () => loopGuard(others, 'search', nothing)('python'))).toBe(2)
    expect(await ledger.run(ID, () => again(5, () => search('python')))).toBe(5)
  })

  test('may be called again when its ledger has forgotten it', async () => {
    const ledger = temporaryLedger()
    const health = loopGuard(ledger, 'health', () => 'ok')
    const other = loopGuard(ledger, 'other', () => 'ok')
    other()
    expect(await again(20, () => health())).toBe(5)
    expect(ledger.loops.counts()).toMatchObject([
      { tool: 'health', count: 5 },
      { tool: 'other', count: 1 },
    ])
    ledger.loops.reset('health')
    expect(ledger.loops.counts()).toMatchObject([{ tool: 'other' }])
    expect(health()).toBe('ok')
    ledger.loops.reset()
    expect(ledger.loops.counts()).toEqual([])
  })

  test('is not looked after by one that looks for no loops', async () => {
    const ledger = temporaryLedger({ limits: { loop: false } })
    ledger.loops.reset()
    expect(ledger.loops.counts()).toEqual([])
    expect(await again(20, () => loopGuard(ledger, 'search', () => 'nothing')())).toBe(20)
  })
})

describe('a guarded function', () => {
  test('takes whatever arguments, and its object, as it is', async () => {
    const ledger = temporaryLedger()
    class Shop {
      readonly name = 'shop'
      readonly self = this
      find = loopGuard(ledger, 'find', function (this: Shop, ..._: unknown[]) {
        return this.name
      })
    }
    const shop = new Shop()
    const cyclic: unknown[] = [() => 1, 5n, Symbol('x'), new Map(), Number.NaN, undefined, shop]
    cyclic.push(cyclic)
    expect(await again(20, () => expect(shop.find(...cyclic)).toBe('shop'))).toBe(5)
  })

  test('gives a promise where one is expected, also of why it was stopped', async () => {
    const ledger = temporaryLedger({ limits: { loop: { repeats: 1 } } })
    const fetch = loopGuard(ledger, 'fetch', async () => 'nothing')
    expect(await fetch()).toBe('nothing')
    const stopped = fetch()
    await expect(stopped).rejects.toThrow(LoopDetectedError)
  })

  test.each([
    ['a generator', function* () {}],
    ['an async generator', async function* () {}],
  ])('throws at once where %s is expected', async (_, generator) => {
    const ledger = temporaryLedger({ limits: { loop: { repeats: 1 } } })
    const list = loopGuard(ledger, 'list', generator as () => unknown)
    list()
    expect(() => list()).toThrow(LoopDetectedError)
  })

  test('is called otherwise with a list than with what is in it', async () => {
    const ledger = temporaryLedger({ limits: { loop: { repeats: 1, cycle: 1 } } })
    const sum = loopGuard(ledger, 'sum', (..._: unknown[]) => 0)
    expect(await again(20, (time) => (time % 2 === 0 ? sum([1, 2]) : sum(1, 2)))).toBe(20)
    expect(await again(20, () => sum(1, 2))).toBe(0)
  })

  test('shows no arguments that the tool of its name hides', async () => {
    const login = tool({ name: 'login', record: 'redacted', execute: (_: { password: string }) => 'no' })
    const ledger = temporaryLedger({ tools: [login] })
    const guarded = loopGuard(ledger, 'login', (_: { password: string }) => 'no')
    guarded({ password: 'hunter2' })
    expect(ledger.loops.counts()).toMatchObject([{ signature: expect.stringMatching(/^login\|#/) }])
  })

  test('is told by its name, and refused without one', () => {
    const ledger = temporaryLedger()
    const searchWeb = (query: string) => query
    expect(loopGuard(ledger, searchWeb).name).toBe('searchWeb')
    expect(() => loopGuard(ledger, (query: string) => query)).toThrow('the function has no name')
    expect(() => loopGuard(ledger, 'search', 'web' as never)).toThrow('loopGuard needs a function')
  })
})
