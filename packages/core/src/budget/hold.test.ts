import { describe, expect, test, vi } from 'vitest'
import { BudgetExceededError } from '../errors/budget-exceeded-error.ts'
import { ConfigError } from '../errors/config-error.ts'
import { RunClosedError } from '../errors/run-closed-error.ts'
import type { Run } from '../run/run.ts'
import { OUTPUT_PRICE } from '../testing/fake-model.ts'
import { temporaryLedger } from '../testing/story.ts'
import { type Usd, usd } from '../usd.ts'
import type { Spent } from './hold.ts'
import type { HoldEstimate } from './hold-estimate.ts'

const BUDGET = { limits: { budget: usd('0.01') } }
/** In at $1 a million, out at $2. */
const CALL = { model: 'fake-1', price: { ...OUTPUT_PRICE, input: 1 }, inputTokens: 1_000, outputTokens: 1_000 }
const HELD = (1_000_000 + 2_000_000) as Usd

async function spent(run: Run): Promise<[spent: number, held: number]> {
  const usage = await run.usage()
  return [usage.spent, usage.held]
}

describe('a hold', () => {
  test('is put aside until it is settled by what was used, which it answers the cost of', async () => {
    await temporaryLedger().run(BUDGET, async (run) => {
      const hold = await run.reserve(CALL)
      expect(hold.granted).toEqual({ usd: HELD, tokens: 2_000, outputTokens: 1_000 })
      expect(await spent(run)).toEqual([0, HELD])
      expect(await hold.settle({ input: 950, output: 500 })).toBe(1_950_000)
      expect(await spent(run)).toEqual([1_950_000, 0])
    })
  })

  test('is settled by what a provider counted, in its own words, or by an amount', async () => {
    await temporaryLedger().run(BUDGET, async (run) => {
      const first = await run.reserve(CALL)
      expect(await first.settle({ usage: { prompt_tokens: 10, completion_tokens: 1 } })).toBe(12_000)
      const second = await run.reserve(CALL)
      expect(await second.settle({ input_tokens: 10, output_tokens: 1 })).toBe(12_000)
      const third = await run.reserve(CALL)
      expect(await third.settle({ usd: usd('0.001') })).toBe(1_000_000)
      expect(await spent(run)).toEqual([1_024_000, 0])
    })
  })

  test('is settled once: the first word counts, whoever says it again', async () => {
    await temporaryLedger().run(BUDGET, async (run) => {
      const hold = await run.reserve(CALL)
      const words = [hold.settle({ input: 10, output: 1 }), hold.settle({ input: 999, output: 999 })]
      expect(await Promise.all(words)).toEqual([12_000, 12_000])
      await hold.release()
      expect(await hold.settle({ input: 999, output: 999 })).toBe(12_000)
      expect(await spent(run)).toEqual([12_000, 0])
    })
  })

  test('counts in full what is not told of its usage', async () => {
    await temporaryLedger().run(BUDGET, async (run) => {
      const hold = await run.reserve(CALL)
      expect(await hold.settle({ output: 500 })).toBe(2_000_000)
      const other = await run.reserve(CALL)
      expect(await other.settle({ input: 10 })).toBe(2_010_000)
    })
  })

  test('counts what is told to be 0 as told', async () => {
    await temporaryLedger().run(BUDGET, async (run) => {
      const hold = await run.reserve(CALL)
      expect(await hold.settle({ input: 1_000, output: 0 })).toBe(1_000_000)
      const cached = await run.reserve(CALL)
      expect(await cached.settle({ cacheRead: 0, output: 500 })).toBe(1_000_000)
      expect(await run.usage()).toMatchObject({ tokens: 1_500 })
    })
  })

  test('of what is priced by its input alone is for no output', async () => {
    await temporaryLedger().run(BUDGET, async (run) => {
      const hold = await run.reserve({ model: 'text-embedding-3-small', inputTokens: 1_000 })
      // 1,000 × $0.02/M = $0.00002
      expect(hold.granted).toEqual({ usd: 20_000, tokens: 1_000, outputTokens: 0 })
      expect(await hold.settle({ input: 1_000 })).toBe(20_000)
    })
  })

  test('stays open after a word that says nothing', async () => {
    await temporaryLedger().run(BUDGET, async (run) => {
      const hold = await run.reserve(CALL)
      const nothings: unknown[] = [{}, { input: 0 }, { tokens: 5 }, { input: -1, output: Number.NaN }]
      for (const nothing of [...nothings, undefined, null, 'much', [5]])
        await expect(hold.settle(nothing as Spent)).rejects.toThrow(ConfigError)
      expect(await spent(run)).toEqual([0, HELD])
      expect(await hold.settle({ input: 10, output: 1 })).toBe(12_000)
    })
  })

  test('stays open after a word that no call can mean', async () => {
    await temporaryLedger().run(BUDGET, async (run) => {
      const hold = await run.reserve(CALL)
      for (const count of [1e12, 9e15, 1.5, -1, Number.NaN, '12']) {
        for (const word of [
          { input: count, output: 5 },
          { prompt_tokens: 5, completion_tokens: count },
        ])
          await expect(hold.settle(word as Spent)).rejects.toThrow(ConfigError)
      }
      await expect(hold.settle({ usd: usd(2_000_000) })).rejects.toThrow('no call costs more than $1000000.00')
      expect(await spent(run)).toEqual([0, HELD])
      expect(await hold.settle({ input: 10, output: 1 })).toBe(12_000)
    })
  })

  test('is given back by a release', async () => {
    await temporaryLedger().run(BUDGET, async (run) => {
      const hold = await run.reserve(CALL)
      await hold.release()
      await hold.release()
      expect(await spent(run)).toEqual([0, 0])
    })
  })

  test('counts whole when it is let go of without a word, and what is said later corrects that', async () => {
    await temporaryLedger().run(BUDGET, async (run) => {
      const left = await run.reserve(CALL)
      await left[Symbol.asyncDispose]()
      expect(await spent(run)).toEqual([HELD, 0])
      await left.settle({ input: 10, output: 1 })
      expect(await spent(run)).toEqual([12_000, 0])
      const unbilled = await run.reserve(CALL)
      await unbilled[Symbol.asyncDispose]()
      await unbilled.release()
      expect(await spent(run)).toEqual([12_000, 0])
    })
  })

  test('that is left open at the end of its run counts whole, until it is settled after all', async () => {
    const ledger = temporaryLedger()
    const hold = await ledger.run({ id: 'r', ...BUDGET }, (run) => run.reserve(CALL))
    const usage = () => ledger.scopes.usage('run:r')
    expect(await usage()).toMatchObject({ spent: HELD, held: 0 })
    expect(await hold.settle({ input: 10, output: 1 })).toBe(12_000)
    expect(await usage()).toMatchObject({ spent: 12_000, held: 0 })
    expect(await ledger.verify()).toMatchObject({ ok: true })
  })

  test('above what was put aside counts in full', async () => {
    const ledger = temporaryLedger()
    const overrun = vi.fn()
    ledger.on('overrun', overrun)
    await ledger.run(BUDGET, async (run) => {
      const hold = await run.reserve(CALL)
      await hold.settle({ input: 1_000, output: 2_000 })
      expect(await spent(run)).toEqual([5_000_000, 0])
    })
    expect(overrun.mock.calls).toMatchObject([[{ over: 2_000_000, overTokens: 1_000 }]])
  })
})

describe('a hold of an amount', () => {
  const AMOUNT = { model: 'gpt-4o-mini', usd: usd('0.008') }

  test('is settled by the price of its model, above or below what was put aside', async () => {
    await temporaryLedger().run({ limits: { budget: usd(5) } }, async (run) => {
      // 1,000 in × $0.15/M + 1,000 out × $0.60/M = $0.00075; a hundred times as much of both: $0.075
      expect(await (await run.reserve(AMOUNT)).settle({ input: 1_000, output: 1_000 })).toBe(750_000)
      const words = { usage: { prompt_tokens: 100_000, completion_tokens: 100_000 } }
      expect(await (await run.reserve(AMOUNT)).settle(words)).toBe(75_000_000)
      // By whoever answered, or by the price of its caller.
      expect(await (await run.reserve(AMOUNT)).settle({ ...words, model: 'gpt-4o' })).toBe(1_250_000_000)
      const priced = await run.reserve({ ...AMOUNT, price: { input: 1, output: 1 } })
      expect(await priced.settle({ input: 1_000, output: 1_000 })).toBe(2_000_000)
    })
  })

  test('is all spent where nobody knows the price, or not all was told', async () => {
    await temporaryLedger().run({ limits: { budget: usd(1) } }, async (run) => {
      const unknown = await run.reserve({ ...AMOUNT, model: 'gpt-4o-ultra' })
      expect(await unknown.settle({ input: 1_000, output: 1_000 })).toBe(8_000_000)
      expect(await (await run.reserve(AMOUNT)).settle({ input: 1_000 })).toBe(8_000_000)
      expect(await (await run.reserve(AMOUNT)).settle({ input: 1_000_000 })).toBe(150_000_000)
      // An embedding has told all.
      const embedding = await run.reserve({ ...AMOUNT, model: 'text-embedding-3-small' })
      expect(await embedding.settle({ input: 1_000 })).toBe(20_000)
      // 60 s × $0.006/min = $0.006
      const minute = await run.reserve({ ...AMOUNT, model: 'whisper-1' })
      expect(await minute.settle({ audioSeconds: 60 })).toBe(6_000_000)
    })
  })
})

describe('run.reserve', () => {
  test('refuses what the budget does not afford, and halts the run where nothing will change that', async () => {
    const ledger = temporaryLedger()
    const failed = ledger.run(BUDGET, async (run) => {
      await run.reserve({ ...CALL, outputTokens: 50_000 }).catch(() => undefined)
    })
    await expect(failed).rejects.toThrow(BudgetExceededError)
    const held = ledger.run(BUDGET, async (run) => {
      await using first = await run.reserve({ model: 'fake-1', usd: usd('0.008') })
      await expect(run.reserve(CALL)).rejects.toMatchObject({ waitingHelps: true })
      await first.release()
      await (await run.reserve(CALL)).release()
    })
    await held
  })

  test('grants as much output as there is room for, where none is asked for', async () => {
    await temporaryLedger().run(BUDGET, async (run) => {
      const { outputTokens: _, ...uncapped } = CALL
      await using hold = await run.reserve(uncapped)
      expect(hold.granted.outputTokens).toBe(4_500)
      await hold.release()
    })
  })

  test('counts messages or a prompt by itself', async () => {
    await temporaryLedger().run(BUDGET, async (run) => {
      const { inputTokens: _, ...counted } = CALL
      for (const said of [{ prompt: 'x'.repeat(500) }, { messages: [{ role: 'user', content: 'x'.repeat(500) }] }]) {
        const hold = await run.reserve({ ...counted, ...said })
        expect(hold.granted.tokens).toBeGreaterThan(2_048 + 500 + 1_000)
        expect(hold.granted.tokens).toBeLessThan(2_048 + 700 + 1_000)
        await hold.release()
      }
    })
  })

  test('puts aside what text costs for counts of tokens, and of messages what is in them', async () => {
    await temporaryLedger().run({ limits: { budget: usd(5) } }, async (run) => {
      const input = async (estimate: HoldEstimate) => {
        const hold = await run.reserve({ ...estimate, outputTokens: 0 })
        await hold.release()
        return hold.granted.usd / hold.granted.tokens
      }
      // gemini-2.5-flash: $0.30 a million of text, $1.00 of audio; claude-opus-4-8: $5, twice that
      // to cache it for an hour, and a tenth more where it is served in the US.
      const [gemini, claude] = ['gemini-2.5-flash', 'claude-opus-4-8']
      expect(await input({ model: gemini, inputTokens: 10_000 })).toBe(300)
      expect(await input({ model: gemini, prompt: 'hello' })).toBe(300)
      const audio = { type: 'input_audio', input_audio: { data: 'UklGRg==', format: 'wav' } }
      expect(await input({ model: gemini, messages: [{ role: 'user', content: [audio] }] })).toBe(1_000)
      expect(await input({ model: claude, inputTokens: 10_000 })).toBe(5_500)
      const cached = { type: 'text', text: 'hello', cache_control: { type: 'ephemeral', ttl: '1h' } }
      expect(await input({ model: claude, messages: [{ role: 'user', content: [cached] }] })).toBe(11_000)
      expect(await input({ model: claude, messages: [{ role: 'user', content: 'hello' }] })).toBe(5_500)
    })
  })

  test('finds the price of a known model without its provider', async () => {
    await temporaryLedger().run({ limits: { budget: usd(5) } }, async (run) => {
      const hold = await run.reserve({ model: 'gpt-4o-mini', inputTokens: 1_000, outputTokens: 1_000 })
      // 1,000 in × $0.15/M + 1,000 out × $0.60/M = $0.00075
      expect(await hold.settle({ input: 1_000, output: 1_000 })).toBe(750_000)
    })
  })

  test.each<[string, { readonly [Name in keyof HoldEstimate]?: HoldEstimate[Name] | undefined }, RegExp]>([
    ['nothing of what goes in', { inputTokens: undefined }, /says nothing of what goes in/],
    ['a negative number of tokens', { inputTokens: -1 }, /inputTokens/],
    ['a fraction of a token', { outputTokens: 0.5 }, /outputTokens/],
    ['no model', { model: '' }, /model/],
    ['a plain number as an amount', { usd: 0.5 as Usd }, /usd/],
    ['a plain number of dollars', { usd: 2 as Usd }, /`usd` is 2; it must be an amount such as usd/],
    ['nothing as an amount', { usd: 0 as Usd }, /usd/],
    ['a word that nothing reads', { tokens: 5 } as never, /tokens/],
    ['a price that is none', { price: { input: -1 } }, /price/],
    ['a way to wait that is none', { wait: 5 as never }, /wait/],
  ])('refuses an estimate with %s', async (_, wrong, message) => {
    const estimate = Object.fromEntries(
      Object.entries({ ...CALL, ...wrong }).filter(([, value]) => value !== undefined),
    )
    await temporaryLedger().run(BUDGET, async (run) => {
      await expect(run.reserve(estimate as never)).rejects.toThrow(message)
      await expect(run.reserve(estimate as never)).rejects.toThrow(ConfigError)
      expect(await spent(run)).toEqual([0, 0])
    })
  })

  test('starts nothing in a run that has ended', async () => {
    const ledger = temporaryLedger()
    const run = await ledger.open(BUDGET)
    await run.complete()
    await expect(run.reserve(CALL)).rejects.toThrow(RunClosedError)
  })

  test('puts nothing aside where a completed run is gone through again over its records', async () => {
    const ledger = temporaryLedger()
    class Answer {
      readonly cost: Usd
      constructor(cost: Usd) {
        this.cost = cost
      }
    }
    const agent = async (run: Run) => new Answer(await (await run.reserve(CALL)).settle({ input: 10, output: 1 }))
    await ledger.run({ id: 'r', ...BUDGET }, agent)
    expect(await ledger.run({ id: 'r' }, agent)).toEqual(new Answer(12_000 as Usd))
    expect(await ledger.scopes.usage('run:r')).toMatchObject({ spent: 12_000, held: 0, calls: 1 })
  })
})
