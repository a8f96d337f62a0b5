import { expect, test } from 'vitest'
import { ConfigError } from '../errors/config-error.ts'
import type { Run } from '../run/run.ts'
import { temporaryLedger } from '../testing/story.ts'
import { usd } from '../usd.ts'
import type { Spent } from './hold.ts'

async function spent(run: Run): Promise<[spent: number, held: number]> {
  const usage = await run.usage()
  return [usage.spent, usage.held]
}

test('a hold stays open after a plain number of dollars, which would be as many nano-dollars', async () => {
  await temporaryLedger().run({ limits: { budget: usd(1) } }, async (run) => {
    const hold = await run.reserve({ model: 'fake-1', usd: usd('0.5') })
    for (const plain of [2, 0.5, 9_999, -1])
      await expect(hold.settle({ usd: plain } as unknown as Spent)).rejects.toThrow(ConfigError)
    expect(await spent(run)).toEqual([0, usd('0.5')])
    expect(await hold.settle({ usd: usd('0.00001') })).toBe(10_000)
    const free = await run.reserve({ model: 'fake-1', usd: usd('0.5') })
    expect(await free.settle({ usd: usd(0) })).toBe(0)
  })
})

test.each([
  ['more tokens than any call has', { inputTokens: 9e15 }, 'a billion at most'],
  ['more output than any call has', { inputTokens: 1, outputTokens: 1e10 }, 'a billion at most'],
  ['an input that costs more than can be counted', { inputTokens: 1, price: { input: '1e8', per: 1 } }, '$9,007,199'],
  ['an output that does', { inputTokens: 1, price: { input: 1, output: '1e12' } }, '$9,007,199'],
  [
    'many of them that do',
    { inputTokens: 1, outputTokens: 10_000_000, price: { input: 1, output: '5e6' } },
    '$9,007,199',
  ],
  ['a rate that does', { inputTokens: 1, price: { input: 1, output: '1e400' } }, '$9,007,199'],
] as const)('run.reserve refuses %s, whatever limits there are', async (_, estimate, why) => {
  for (const limits of [{}, { budget: usd(1) }, { calls: 5 }]) {
    await temporaryLedger().run({ limits }, async (run) => {
      const refused = await run.reserve({ model: 'fake-1', ...estimate }).catch((error: unknown) => error)
      expect(refused).toBeInstanceOf(ConfigError)
      expect(String(refused)).toContain(why)
      expect(await spent(run)).toEqual([0, 0])
    })
  }
})
