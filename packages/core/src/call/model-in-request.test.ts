import { describe, expect, test, vi } from 'vitest'
import { UnknownPriceError } from '../errors/unknown-price-error.ts'
import { guardCall } from '../run/guard-call.ts'
import { temporaryLedger } from '../testing/story.ts'
import { type Usd, usd } from '../usd.ts'

const messages = [{ role: 'user', content: 'go' }]
const prices = {
  overrides: {
    acme: {
      cheap: { input: 0, output: 2 },
      dear: { input: 0, output: 200 },
      wide: { input: 50, output: 1 },
    },
  },
}
const usage = { prompt_tokens: 0, completion_tokens: 1_000 }
/** What a thousand tokens of output cost. */
const CHEAP = 2_000_000
const DEAR = 200_000_000

/** A call of one model whose request names another one. */
async function costOf(label: string, named: string, answer: object = { usage }) {
  const ledger = temporaryLedger({ prices })
  const request = { model: named, messages, max_tokens: 1_000 }
  await ledger.run({ limits: { budget: usd(5) } }, (run) =>
    run.call({ provider: 'acme', model: label, request }, async () => answer),
  )
  const [call] = await ledger.calls.list()
  return { model: call?.model, held: call?.cost?.held, spent: call?.cost?.spent }
}

describe('a call whose request names another model', () => {
  test('is held and paid for by the dearer of the two, and recorded as the one in the request', async () => {
    expect(await costOf('cheap', 'dear')).toEqual({ model: 'dear', held: DEAR, spent: DEAR })
    expect(await costOf('dear', 'cheap')).toEqual({ model: 'cheap', held: DEAR, spent: DEAR })
    expect(await costOf('cheap', 'cheap')).toEqual({ model: 'cheap', held: CHEAP, spent: CHEAP })
  })

  test('is held by the dearer input and the dearer output, for either may answer', async () => {
    const { held = 0 } = await costOf('wide', 'dear')
    expect(held).toBeGreaterThan(DEAR + 2_048 * 50_000)
  })

  test('is paid for as the one that answered, where the answer names it', async () => {
    expect(await costOf('cheap', 'dear', { model: 'cheap', usage })).toMatchObject({ spent: CHEAP })
    expect(await costOf('dear', 'cheap', { model: 'cheap', usage })).toMatchObject({ spent: CHEAP })
  })

  test('has no price where nobody knows that of the model in the request', async () => {
    const send = vi.fn(async () => ({ usage }))
    const call = { provider: 'acme', model: 'cheap', request: { model: 'new', messages, max_tokens: 9 } }
    const refused = temporaryLedger({ prices }).run({ limits: { budget: usd(5) } }, (run) => run.call(call, send))
    await expect(refused).rejects.toThrow(UnknownPriceError)
    await expect(refused).rejects.toMatchObject({ model: 'new' })
    expect(send).not.toHaveBeenCalled()
    const ledger = temporaryLedger({ prices, unknownPrice: 'allow' })
    const told = vi.fn()
    ledger.on('price-unknown', told)
    await ledger.run({ limits: { budget: usd(5) } }, (run) => run.call(call, send))
    expect(told).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ model: 'new', did: 'allowed' }))
    expect((await ledger.calls.list())[0]?.cost).toMatchObject({ spent: CHEAP, bounded: false })
  })

  test('may be labelled with a name that nobody knows the price of', async () => {
    expect(await costOf('our-agent', 'cheap')).toEqual({ model: 'cheap', held: CHEAP, spent: CHEAP })
  })

  test('costs what its caller says, if it says so', async () => {
    const ledger = temporaryLedger({ prices })
    const call = { provider: 'acme', model: 'cheap', price: { output: 4, input: 0 } }
    const request = { model: 'dear', messages, max_tokens: 1_000 }
    await ledger.run({ limits: { budget: usd(5) } }, (run) => run.call({ ...call, request }, async () => ({ usage })))
    expect((await ledger.calls.list())[0]?.cost).toMatchObject({ held: 2 * CHEAP, spent: 2 * CHEAP })
  })

  test('50 at once of a guarded function for a cheaper one: only those are sent that the limit affords', async () => {
    const ledger = temporaryLedger({ prices, limits: { budget: (2 * DEAR) as Usd } })
    const send = vi.fn(async (_: object) => ({ usage }))
    const ask = guardCall(ledger, { provider: 'acme', model: 'cheap' }, send)
    const all = Array.from({ length: 50 }, () => ask({ model: 'dear', messages, max_tokens: 1_000 }))
    const settled = await Promise.allSettled(all)
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
    expect(send).toHaveBeenCalledTimes(2)
  })

  test('needs as much room as the one of them that thinks', async () => {
    const call = { provider: 'acme', model: 'gpt-5', price: { input: 0, output: 2 } }
    const ledger = temporaryLedger()
    const refused = ledger.run({ limits: { budget: 4_000_000 as Usd } }, (run) =>
      run.call({ ...call, request: { model: 'm', messages } }, async () => ({ usage })),
    )
    // 2,048 tokens of output, of which some are thought, are $0.004096.
    await expect(refused).rejects.toMatchObject({ requested: 4_096_000 })
  })
})
