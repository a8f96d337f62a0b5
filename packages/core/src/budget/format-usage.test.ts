import { expect, test } from 'vitest'
import { usd } from '../usd.ts'
import { formatUsage } from './format-usage.ts'
import type { Usage, UsedLimit } from './usage-view.ts'

const none: UsedLimit = {
  ...{ scope: 'run:r', limit: {}, since: new Date(0), resetsAt: undefined, remaining: undefined },
  ...{ spent: usd(0), held: usd(0), tokens: 0, heldTokens: 0, calls: 0, effects: undefined, tools: {} },
}
const usage: Usage = {
  ...{ scope: 'run:r', spent: usd('0.42'), held: usd('0.0003'), remaining: usd('1.5797'), resetsAt: undefined },
  ...{ tokens: 12_345, heldTokens: 0, calls: 1, limits: [] },
}

test('usage is one line where there are no limits', () => {
  expect(formatUsage(usage)).toBe('run:r: $0.42 spent, $0.0003 held, $1.5797 left; 12,345 tokens, 1 call')
  expect(formatUsage({ ...usage, remaining: undefined, calls: 2 })).toBe(
    'run:r: $0.42 spent, $0.0003 held; 12,345 tokens, 2 calls',
  )
})

test('usage has a line for each thing that is limited, in columns', () => {
  const day = { every: 'day', timeZone: 'UTC' } as const
  const limits: UsedLimit[] = [
    {
      ...none,
      ...{ limit: { budget: usd(2), calls: 10 }, spent: usd('0.42'), held: usd('0.0003'), remaining: usd('1.5797') },
      calls: 12,
    },
    {
      ...{ ...none, scope: 'user:ann', limit: { tokens: 20_000, window: day, mode: 'soft' } },
      ...{ tokens: 12_345, heldTokens: 55, resetsAt: new Date(Date.UTC(2026, 10, 22)) },
    },
    {
      ...{
        ...none,
        scope: 'org:x',
        limit: { tools: { pay: { effects: 3 } }, effects: 9, window: { rollingMs: 60_000 } },
      },
      ...{ effects: 4, tools: { pay: 1 } },
    },
    { ...none, limit: { rate: { calls: 5, perMs: 1_000 } } },
  ]
  expect(formatUsage({ ...usage, limits }).split('\n')).toEqual([
    'run:r: $0.42 spent, $0.0003 held, $1.5797 left; 12,345 tokens, 1 call',
    '  run:r     $2.00          $0.42 spent  $0.0003 held  $1.5797 left  ever',
    '  run:r     10 calls       12 used      0 held        0 left        ever',
    '  user:ann  20,000 tokens  12,345 used  55 held       7,600 left    per day (soft)  until 2026-11-22T00:00:00.000Z',
    '  org:x     9 effects      4 used       0 held        5 left        per 60 s',
    '  org:x     3 of pay       1 used       0 held        2 left        per 60 s',
  ])
})
