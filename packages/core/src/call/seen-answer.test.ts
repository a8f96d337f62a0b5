import { describe, expect, test, vi } from 'vitest'
import type { Ledger } from '../ledger.ts'
import { temporaryLedger } from '../testing/story.ts'
import { usd } from '../usd.ts'
import type { CallHow, SeenAnswer } from './call-how.ts'

/** A token of output costs 2,000 nano-USD, one of input nothing. */
const prices = { overrides: { acme: { 'acme-1': { input: 0, output: 2 } } } }
const request = { messages: [], max_tokens: 4_000 }
const call = { provider: 'acme', model: 'acme-1', request }

async function made(ledger: Ledger, how: CallHow<string>) {
  const send = vi.fn(async () => 'said')
  await ledger.run({ id: 'r', limits: { budget: usd(1) } }, (run) => run.call(call, send, how))
  const [recorded] = await ledger.calls.list()
  return recorded
}

const seen = (answer: SeenAnswer): CallHow<string> => ({ seen: () => answer })

describe('what an adapter saw of an answer', () => {
  test('is what it is paid by', async () => {
    const reading = { usage: { input: 1, output: 1_000 }, complete: true, others: [] }
    const recorded = await made(temporaryLedger({ prices }), seen({ reading }))
    expect(recorded?.cost).toMatchObject({ spent: 2_000_000, estimated: false })
    expect(recorded?.usage).toEqual({ input: 1, output: 1_000 })
  })

  test('is filled by the tokens that were seen where it broke off, and flagged', async () => {
    const reading = { usage: { input: 1, output: 1 }, complete: false, others: [] }
    const recorded = await made(temporaryLedger({ prices }), seen({ reading, seenTokens: 300 }))
    expect(recorded?.cost).toMatchObject({ spent: 600_000, estimated: true })
  })

  test('counts by what was seen where nothing was told, and in full where nobody saw it', async () => {
    const some = await made(temporaryLedger({ prices }), seen({ seenTokens: 300 }))
    expect(some?.cost).toMatchObject({ spent: 600_000, estimated: true })
    const unseen = await made(temporaryLedger({ prices }), seen({}))
    expect(unseen?.cost).toMatchObject({ spent: 8_000_000, estimated: true })
  })

  test('is charged in full while its provider owes the answer, and known by its id', async () => {
    const recorded = await made(temporaryLedger({ prices }), seen({ externalId: 'openai:resp_1' }))
    expect(recorded).toMatchObject({ externalId: 'openai:resp_1', cost: { spent: 8_000_000 } })
  })

  test('is not stored where it is not whole', async () => {
    const ledger = temporaryLedger({ prices })
    const recorded = await made(ledger, seen({ isKept: false }))
    expect(recorded?.status).toBe('succeeded')
    const { calls } = await ledger.runs.export('r')
    expect(calls[0]?.response).toBeUndefined()
  })
})

test('a part that nobody can bound is refused under a hard budget, though the body does not show it', async () => {
  const how = { unboundedBy: ['thread'] }
  await expect(made(temporaryLedger({ prices }), how)).rejects.toMatchObject({
    code: 'unbounded-call',
    message: expect.stringContaining('thread'),
  })
})
