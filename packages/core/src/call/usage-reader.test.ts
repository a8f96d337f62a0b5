import { describe, expect, test, vi } from 'vitest'
import { temporaryLedger } from '../testing/story.ts'

const prices = {
  overrides: {
    acme: {
      asked: { input: 0, output: 2, serviceTiers: { fast: '3' } },
      served: { input: 0, output: 10, serviceTiers: { fast: '3' } },
    },
  },
}
const COUNTED = { prompt_tokens: 10, completion_tokens: 1_000 }
/** A thousand tokens of output of each. */
const ASKED = 2_000_000
const SERVED = 10_000_000

/** What a call came to whose usage this read, and what was told of that. */
async function readBy<Answer>(usage: (answer: Answer) => unknown, answer: Answer) {
  const ledger = temporaryLedger({ prices })
  const told = vi.fn()
  ledger.on('usage-not-read', told)
  const request = { messages: [], max_tokens: 4_000 }
  const call = { provider: 'acme', model: 'asked', request, usage }
  expect(await ledger.run({ id: 'r' }, (run) => run.call(call, async () => answer))).toBe(answer)
  const [recorded] = await ledger.calls.list()
  return {
    spent: recorded?.cost?.spent,
    estimated: recorded?.cost?.estimated,
    told: told.mock.calls.flat() as unknown[],
  }
}

describe('a reader of usage that returns the counts alone', () => {
  test.each([
    ['the model', { model: 'served' }, SERVED],
    ['the tier', { service_tier: 'fast' }, 3 * ASKED],
    ['both', { model: 'served', service_tier: 'fast' }, 3 * SERVED],
    ['neither', {}, ASKED],
  ])('is paid for as the answer says it was served: %s', async (_, served, spent) => {
    const answer = { ...served, usage: COUNTED }
    expect(await readBy(({ usage }) => usage, answer)).toEqual({ spent, estimated: false, told: [] })
    const elsewhere = { ...served, counts: COUNTED }
    expect(await readBy(({ counts }) => counts, elsewhere)).toEqual({ spent, estimated: false, told: [] })
    const ours = { ...served, tokens: 1_000 }
    expect(await readBy(({ tokens }) => ({ input: 10, output: tokens }), ours)).toMatchObject({ spent, told: [] })
  })

  test('goes before what the answer says where it says it itself', async () => {
    const answer = { model: 'served', inner: { model: 'asked', usage: COUNTED }, usage: COUNTED }
    expect(await readBy(({ inner }) => inner, answer)).toMatchObject({ spent: ASKED })
  })

  test('is not disturbed by an answer that cannot be read', async () => {
    const answer = {
      get usage(): never {
        throw new Error('not yet')
      },
    }
    expect(await readBy(() => COUNTED, answer)).toEqual({ spent: ASKED, estimated: false, told: [] })
  })
})

describe('a reader of usage that says nothing that can be understood', () => {
  test.each([
    ['returns a promise', async () => COUNTED, /promise/],
    ['returns a promise that fails', () => Promise.reject(new Error('no usage')), /promise/],
    ['returns nothing', () => undefined, /nothing/],
    ['returns other names', () => ({ inputTokens: 5 }), /nothing/],
    ['throws', () => missing(), /no such member/],
  ])('is told of, and what the answer says counts: it %s', async (_, usage, reason) => {
    const { told, ...paid } = await readBy(usage as () => unknown, { usage: COUNTED })
    expect(paid).toEqual({ spent: ASKED, estimated: false })
    expect(told).toEqual([{ runId: 'r', model: 'asked', reason: expect.stringMatching(reason) }])
  })

  test('and whose answer says nothing either is estimated', async () => {
    const { told, spent, estimated } = await readBy(async () => COUNTED, { text: 'x'.repeat(500) })
    expect([told.length, estimated]).toEqual([1, true])
    expect(spent).toBeGreaterThan(500 * 2_000)
  })
})

function missing(): never {
  throw new Error('no such member')
}
