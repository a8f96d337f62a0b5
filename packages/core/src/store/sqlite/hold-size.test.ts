import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nanoFor, outputTokensWithin, outputWithin } from './hold-size.ts'
import { asking, ONE_NANO } from './testing/money-fixture.ts'

const SEED = { seed: 20_261_121, numRuns: 2_000 }

const terms = fc
  .record({
    inputNano: fc.oneof(fc.constant(0), fc.nat(1_000_000_000_000)),
    outputRate: fc.oneof(fc.constant(0), fc.nat(5_000_000), fc.nat(600_000_000_000)),
  })
  .map((some) => asking(0, some))
const most = fc.oneof(fc.nat(40), fc.nat(1_000_000))
const room = fc.oneof(fc.integer({ min: -1_000, max: 1_000 }), fc.integer({ min: -1_000, max: 9_000_000_000_000_000 }))

describe('what a hold comes to', () => {
  test('is the input and the output, rounded up once, for the largest numbers as for the smallest', () => {
    const property = fc.property(terms, most, (hold, output) => {
      const exact = BigInt(output) * BigInt(hold.outputRate)
      const rounded = (exact + 999_999n) / 1_000_000n
      expect(BigInt(nanoFor(hold, output))).toBe(BigInt(hold.inputNano) + rounded)
    })
    fc.assert(property, SEED)
  })

  test('is refused where it is more than can be counted', () => {
    expect(() => nanoFor(asking(0, { outputRate: 1e15 }), 10_000_000)).toThrow(RangeError)
  })
})

describe('the output that fits into a room', () => {
  test('costs no more than the room, and one token more would', () => {
    const property = fc.property(terms, most, room, (hold, limit, left) => {
      const output = outputWithin(hold, left, limit)
      expect(output).toBeLessThanOrEqual(limit)
      const fits = (tokens: number) => nanoFor(hold, tokens) === 0 || nanoFor(hold, tokens) <= left
      if (output >= 0) expect(fits(output)).toBe(true)
      if (output < limit) expect(fits(output + 1)).toBe(false)
    })
    fc.assert(property, SEED)
  })

  test('is all of it for what costs nothing, however little is left', () => {
    expect(outputWithin(asking(0), -5, 100)).toBe(100)
    expect(outputWithin(asking(0, { outputRate: ONE_NANO }), -5, 100)).toBe(0)
    expect(outputWithin(asking(1), 0, 100)).toBe(-1)
  })

  test('of tokens is what the input leaves', () => {
    expect(outputTokensWithin(asking(0, { inputTokens: 4 }), 10, 100)).toBe(6)
    expect(outputTokensWithin(asking(0, { inputTokens: 4 }), 10, 3)).toBe(3)
    expect(outputTokensWithin(asking(0, { inputTokens: 4 }), 3, 100)).toBe(-1)
    expect(outputTokensWithin(asking(0), -1, 100)).toBe(0)
  })
})
