import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConfigError } from '../errors/config-error.ts'
import { splitInput, splitOutput } from './split-tokens.ts'
import { checkUsage, inputTokensOf, isTokenUsage, outputTokensOf, saysAnything } from './token-usage.ts'

const runs = { seed: 20_261_121, numRuns: 1_000 }
const count = fc.nat(1_000_000)

describe('a usage made by hand', () => {
  test.each([[{ input: 950, output: 500 }], [{ requests: 1 }], [{ input: 0, output: undefined }]])(
    '%j is one',
    (usage) => {
      expect(isTokenUsage(usage)).toBe(true)
      expect(() => checkUsage('run.call: usage', usage)).not.toThrow()
    },
  )

  test.each([[{ input: -1 }], [{ input: 1.5 }], [{ input: '5' }], [{ prompt_tokens: 5 }], [null], [5]])(
    '%j is none',
    (usage) => {
      expect(isTokenUsage(usage)).toBe(false)
      expect(() => checkUsage('run.call: usage', usage)).toThrow(ConfigError)
    },
  )

  test('one that says nothing is none, and is told from one that says zero', () => {
    expect([isTokenUsage({}), isTokenUsage({ input: undefined as never })]).toEqual([false, false])
    expect([saysAnything({}), saysAnything({ input: 0 })]).toEqual([false, true])
  })
})

describe('splitting', () => {
  test('loses no token and makes none up, when the parts fit into the whole', () => {
    const parts = fc.record({
      audio: count,
      image: count,
      video: count,
      written5m: count,
      written1h: count,
      cached: count,
    })
    fc.assert(
      fc.property(parts, count, (counts, text) => {
        // The cache holds anything; what is written to it is text.
        const media = counts.audio + counts.image + counts.video
        const total = media + counts.written5m + counts.written1h + text
        const cached = Math.min(counts.cached, text + counts.audio + counts.image)
        fc.pre(cached <= text || counts.written5m + counts.written1h === 0)
        expect(inputTokensOf(splitInput({ ...counts, cached, total }))).toBe(total)
      }),
      runs,
    )
  })

  test('no unit is ever negative, and none of the whole is ever lost, whatever a host reports', () => {
    const anything = fc.record({
      total: count,
      cached: count,
      written5m: count,
      written1h: count,
      audio: count,
      image: count,
      video: count,
      cachedAudio: count,
      cachedImage: count,
    })
    fc.assert(
      fc.property(anything, (counts) => {
        const units = splitInput(counts)
        expect(Math.min(...Object.values(units))).toBeGreaterThanOrEqual(0)
        expect(inputTokensOf(units)).toBeGreaterThanOrEqual(counts.total)
        const output = splitOutput({ total: counts.total, reasoning: counts.cached, audio: counts.audio })
        expect(Math.min(...Object.values(output))).toBeGreaterThanOrEqual(0)
        expect(outputTokensOf(output)).toBeGreaterThanOrEqual(counts.total)
      }),
      runs,
    )
  })
})
