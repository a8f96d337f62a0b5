import assert from 'node:assert/strict'
import { BudgetExceededError, createLedger, type Ledger, sqlite, usd } from 'holdfast'
import { anthropicWire } from '../support/anthropic-wire.ts'
import type { Bench } from '../support/bench.ts'
import { openaiWire } from '../support/openai-wire.ts'
import { ScratchFolder } from '../support/scratch-folder.ts'
import { NOWHERE, type WireClient, type WireSdk } from '../support/wire-sdk.ts'

const REQUESTS = 3_000
const WARM_UP = 200

/** How long a request takes to be refused by a spent budget, of a hundred the slowest but one, of both clients. */
export const bench: Bench = {
  unit: 'ms',
  better: 'lower',
  goal: 5,
  async run() {
    using folder = new ScratchFolder()
    await using ledger = createLedger({
      ...{ store: sqlite(folder.file('ours.db')), durability: 'fast' },
      scopes: { ledger: { budget: usd('0.01') } },
    })
    await spend(ledger)
    const openai = await refusals(openaiWire, ledger)
    const anthropic = await refusals(anthropicWire, ledger)
    const [p99, median] = [Math.max(openai.p99, anthropic.p99), Math.max(openai.median, anthropic.median)]
    return {
      ours: p99,
      reference: null,
      value: p99,
      counts: { requests: 2 * REQUESTS, median, sent },
      sound: sent === 0,
    }
  },
}

let sent = 0

const counting: typeof fetch = async () => {
  sent++
  return Response.json({})
}

async function spend(ledger: Ledger): Promise<void> {
  const request = { messages: ['all of it'], max_tokens: 1_000 }
  const usage = { prompt_tokens: 1, completion_tokens: 1_000 }
  await ledger.call({ provider: 'any', model: 'm', request, price: { input: 0, output: 10 } }, async () => ({ usage }))
}

async function refusals(sdk: WireSdk, ledger: Ledger): Promise<{ readonly p99: number; readonly median: number }> {
  const client = sdk.guarded({ baseURL: NOWHERE, fetch: counting }, ledger)
  const request = sdk.request([{ role: 'user', content: 'Say hello.' }])
  const took: number[] = []
  for (let n = 0; n < WARM_UP + REQUESTS; n++) {
    const started = performance.now()
    assert.ok(BudgetExceededError.isInstance(await refusalOf(client, request)))
    if (n >= WARM_UP) took.push(performance.now() - started)
  }
  took.sort((one, other) => one - other)
  return { p99: took[Math.floor(REQUESTS * 0.99)] as number, median: took[REQUESTS >> 1] as number }
}

function refusalOf(client: WireClient, request: object): Promise<unknown> {
  return client.ask(request).catch((error: unknown) => error)
}
