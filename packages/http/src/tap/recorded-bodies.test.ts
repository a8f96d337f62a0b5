import { readStreamUsage, readUsage } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { hasRecordedBodies, recordedBodies, recordedStreams } from './testing/recorded-bodies.ts'
import { readAll, split, tapped, textOf } from './testing/tapped.ts'

/** One was shortened by whoever recorded it; of the other nothing was shown of what was refused. */
const SHOWS_LESS = /: (?:openai-phase\.1|anthropic-refusal)$/
const LENGTHS = [1, 7, 64, Number.MAX_SAFE_INTEGER]

describe.skipIf(!hasRecordedBodies)('answers of real providers (HOLDFAST_FIXTURES)', () => {
  test.each(recordedBodies().map((body) => [body.name, body] as const))(
    '%s, as JSON',
    async (_name, { shape, text }) => {
      for (const length of [64, Number.MAX_SAFE_INTEGER]) {
        const { response, ends } = tapped(split(text, [length]), { shape, contentType: 'application/json' })
        expect((await readAll(response)).text).toBe(text)
        expect(ends).toMatchObject([{ kind: 'complete', pendingId: undefined }])
        expect(ends[0]?.reading).toEqual(readUsage(JSON.parse(text), { provider: 'openai' }))
      }
    },
  )

  test.each(recordedStreams().map((stream) => [stream.name, stream] as const))(
    '%s, as a stream',
    async (_name, stream) => {
      const { shape, text, events } = stream
      for (const length of LENGTHS) {
        const { response, ends } = tapped(split(text, [length]), { shape })
        expect((await readAll(response)).text).toBe(text)
        expect(ends).toHaveLength(1)
        expect(textOf(ends[0]?.bytes)).toBe(text)
        const told = readStreamUsage(events, { provider: 'openai' })
        expect(ends[0]?.reading).toEqual(told)
        const output = SHOWS_LESS.test(stream.name) ? 0 : (told?.usage.output ?? 0)
        expect(ends[0]?.seenTokens).toBeGreaterThanOrEqual(output)
      }
    },
  )

  test.each(recordedStreams().map((stream) => [stream.name, stream] as const))(
    '%s, broken anywhere',
    async (_name, stream) => {
      const broken = new TypeError('terminated')
      for (let count = 0; count < stream.wire.length; count += Math.ceil(stream.wire.length / 40)) {
        const { response, ends } = tapped(stream.wire.slice(0, count), { shape: stream.shape, behind: broken })
        const shown = stream.wire.slice(0, count).join('')
        expect(await readAll(response)).toMatchObject({ text: shown, error: broken })
        expect(ends).toMatchObject([{ kind: 'failed', error: broken }])
        expect(ends[0]?.reading?.complete ?? false).toBe(false)
      }
    },
  )
})
