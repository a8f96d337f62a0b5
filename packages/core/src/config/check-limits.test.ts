import { describe, expect, test } from 'vitest'
import { ConfigError } from '../errors/config-error.ts'
import { type Usd, usd } from '../usd.ts'
import { checkLimits, type LimitPlace } from './check-limits.ts'
import type { Limits, OneOrMany } from './limits.ts'

const check = (limits: unknown, place: LimitPlace = 'run') => checkLimits('limits', limits as OneOrMany<Limits>, place)

describe('limits', () => {
  test.each<[string, unknown, RegExp]>([
    ['a plain number', 2, /an object, not 2.*budget: usd\(2\)/],
    ['null', null, /an object, not null/],
    ['a budget that is a plain number', { budget: 2 }, /`budget` is 2, .*Write usd\(2\)/],
    ['a budget that is a plain number of cents', { budget: 0.25 }, /Write usd\(0\.25\)/],
    ['a budget that is a large plain number', { budget: 9_999 }, /Write usd\(9999\)/],
    ['a budget that is a text', { budget: '2' }, /`budget` is '2', which is no amount/],
    ['a budget of nothing', { budget: usd(0) }, /leave it out where there is no limit/],
    ['a negative budget', { budget: -usd(2) }, /`budget` is -2000000000/],
    ['a budget that is not a number', { budget: Number.NaN }, /`budget` is NaN/],
    ['a budget without end', { budget: Number.POSITIVE_INFINITY }, /`budget` is Infinity/],
    ['no tokens', { tokens: 0 }, /`tokens` must be an integer above 0/],
    ['half a call', { calls: 1.5 }, /`calls` must be an integer above 0; it is 1\.5/],
    ['a negative number of effects', { effects: -1 }, /`effects`/],
    ['a time that is a text', { wallMs: '5s' }, /`wallMs` must be an integer above 0; it is '5s'/],
    ['a name that there is not', { dollars: 2 }, /no option 'dollars'/],
    ['a reserve without a budget', { finalReserve: usd(1) }, /`finalReserve` is a part of `budget`/],
    ['a reserve above the budget', { budget: usd(1), finalReserve: usd(2) }, /`finalReserve` is more than/],
    ['a reserve that is a plain number', { budget: usd(1), finalReserve: 0.5 }, /Write usd\(0\.5\)/],
    ['a rate of nothing', { rate: { perMs: 1_000 } }, /rate says nothing of calls, effects, tokens/],
    ['a rate without a time', { rate: { calls: 5 } }, /rate: `perMs` must be an integer above 0/],
    [
      'a second rate of no calls',
      {
        rate: [
          { calls: 5, perMs: 1 },
          { calls: 0, perMs: 1 },
        ],
      },
      /rate\[1\]: `calls`/,
    ],
    ['a burst of none', { rate: { calls: 5, perMs: 1_000, burst: 0 } }, /`burst`/],
    [
      'one burst of two things',
      { rate: { calls: 5, tokens: 9, perMs: 1_000, burst: 2 } },
      /calls and tokens are given/,
    ],
    ['a rate that is a number', { rate: 5 }, /rate is an object/],
    ['tools in a list', { tools: ['pay'] }, /`tools` is an object/],
    ['a tool without a name', { tools: { '': { effects: 1 } } }, /no tool can have that name/],
    ['a tool with a budget', { tools: { pay: { budget: usd(1) } } }, /tools\['pay'\]: there is no option 'budget'/],
    ['a tool with a rate of calls', { tools: { pay: { rate: { calls: 1, perMs: 1 } } } }, /no option 'calls'/],
    ['a tool with no effects', { tools: { pay: { effects: 0 } } }, /tools\['pay'\]: `effects`/],
    ['a window of years', { calls: 1, window: { every: 'year' } }, /`window.every` is 'year'.*day, week, month/],
    ['an unknown time zone', { calls: 1, window: { every: 'day', timeZone: 'Europe/Nowhere' } }, /'Europe\/Nowhere'/],
    ['an instant window', { calls: 1, window: { rollingMs: 5 } }, /`window.rollingMs` is 5/],
    ['a window of both kinds', { calls: 1, window: { every: 'day', rollingMs: 60_000 } }, /no option 'every'/],
    ['a window that is a text', { calls: 1, window: 'day' }, /`window` is an object, not 'day'/],
    ['a window of nothing', { window: { every: 'day' } }, /`window` is of a budget.*none is given/],
    ['a window of a rate', { rate: { calls: 1, perMs: 1 }, window: { every: 'day' } }, /none is given/],
    ['an odd mode', { calls: 1, mode: 'firm' }, /`mode` is 'firm'/],
    ['a soft rate', { calls: 1, mode: 'soft', rate: { calls: 1, perMs: 1 } }, /`rate` would do nothing/],
    ['a soft nothing', { mode: 'soft' }, /thresholds are parts of a budget/],
    ['a threshold of nothing', { calls: 1, thresholds: [0] }, /`thresholds\[0\]` is 0/],
    ['a threshold in percent', { calls: 1, thresholds: [0.5, 80] }, /`thresholds\[1\]` is 80.*0\.8/],
    ['thresholds that are a number', { calls: 1, thresholds: 0.8 }, /`thresholds` is 0\.8.*a list/],
    ['thresholds of a rate', { rate: { calls: 1, perMs: 1 }, thresholds: [0.8] }, /none is given/],
    ['loops with a wrong number', { loop: { repeats: 0 } }, /limits: loop\.repeats/],
    ['two words about loops', [{ loop: false }, { calls: 1, loop: { repeats: 3 } }], /only one of them can say `loop`/],
    ['a wrong second one', [{ calls: 1 }, { calls: 0 }], /limits\[1\]: `calls`/],
  ])('with %s are a ConfigError that names the field', (_, limits, message) => {
    expect(() => check(limits)).toThrow(ConfigError)
    expect(() => check(limits)).toThrow(message)
  })

  test.each<[string, unknown]>([
    ['none', {}],
    ['an empty list', []],
    ['the smallest budget', { budget: 10_000 as Usd }],
    ['a budget that is all kept back', { budget: usd(1), finalReserve: usd(1) }],
    [
      'all of it',
      { budget: usd(2), tokens: 1, calls: 1, effects: 1, wallMs: 1, thresholds: [0.5, 1, 2], mode: 'hard' },
    ],
    ['a window of one tool', { tools: { pay: { effects: 1 } }, window: { rollingMs: 1_000 } }],
    ['a calendar window', { tokens: 1, window: { every: 'week', timeZone: 'Europe/Berlin' } }],
    [
      'rates',
      {
        rate: [
          { calls: 5, tokens: 9, perMs: 1 },
          { effects: 1, perMs: 1, burst: 9 },
        ],
      },
    ],
    ['a rate of a tool', { tools: { pay: { rate: [{ effects: 1, perMs: 1_000, burst: 2 }] } } }],
    [
      'a soft budget',
      [
        { budget: usd(1), mode: 'soft' },
        { budget: usd(2), window: { every: 'day' } },
      ],
    ],
    ['members that are undefined', { budget: undefined, calls: 1, loop: undefined, window: undefined }],
    ['no look at loops', { loop: false }],
  ])('of %s are right for a run', (_, limits) => {
    expect(() => check(limits)).not.toThrow()
  })

  test.each<[LimitPlace, boolean, boolean]>([
    ['run', true, true],
    ['runs', true, false],
    ['session', false, true],
    ['scope', false, false],
  ])('on a %s may have a time: %s, and speak of loops: %s', (place, wall, loop) => {
    const isRight = (limits: Limits) => {
      try {
        check(limits, place)
        return true
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigError)
        return false
      }
    }
    expect([isRight({ wallMs: 1 }), isRight({ loop: false })]).toEqual([wall, loop])
  })
})
