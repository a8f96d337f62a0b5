/** The weaknesses of AgentFuse that are about its integrations, each with a test that ours does not have it. */
import { type Ledger, usd } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { CHAT, CHAT_USAGE, chat, chatEvents, INPUT } from '../wire/support/openai-bodies.ts'
import { response } from '../wire/support/openai-responses.ts'
import { OPENAI } from '../wire/support/sdks.ts'
import { DONE, SSE, sse } from '../wire/support/wire-case.ts'
import { type Heard, WireServer } from '../wire/support/wire-server.ts'
import { memoryLedger } from './support/ledgers.ts'

const WORD = {
  id: 'c',
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }],
}

function answer({ path, json }: Heard) {
  if (json.stream) return { type: SSE, body: sse(chatEvents([WORD], json.stream_options?.include_usage), DONE) }
  return { body: JSON.stringify(path.includes('responses') ? response('completed') : chat()) }
}

async function spentOn(ledger: Ledger): Promise<number> {
  return (await ledger.scopes.usage('ledger')).spent
}

describe.each(OPENAI)('$name', (sdk) => {
  test('5: a request is held for what it may come to, and what it came to is recorded', async () => {
    const ledger = memoryLedger({ limits: { budget: usd(5) } })
    let held = 0
    await using server = await WireServer.start(answer)
    const watched: typeof fetch = async (...args) => {
      held = (await ledger.scopes.usage('ledger')).held
      return fetch(...args)
    }
    const long = { ...CHAT, messages: [{ role: 'user' as const, content: 'word '.repeat(10_000) }] }
    await sdk.guarded(server.url, ledger, { fetch: watched }).chat.completions.create(long)
    // 10,000 words at $1.25 for a million tokens are more than a cent; ten tokens are nothing.
    expect(held).toBeGreaterThan(usd('0.0125'))
    expect(await ledger.calls.list()).toMatchObject([{ cost: { status: 'settled', tokens: CHAT_USAGE.total_tokens } }])
    expect(await spentOn(ledger)).toBeGreaterThan(0)
  })

  test('6: clones, responses and helpers are recorded as plain calls are', async () => {
    const ledger = memoryLedger()
    await using server = await WireServer.start(answer)
    const client = sdk.guarded(server.url, ledger)
    await client.withOptions({ timeout: 5_000 }).chat.completions.create(CHAT)
    await client.responses.create(INPUT)
    await client.chat.completions.stream(CHAT).finalContent()
    const rows = await ledger.calls.list()
    expect(rows.map(({ cost }) => [cost?.status, cost?.estimated])).toEqual(Array(3).fill(['settled', false]))
  })

  test('6: a stream that is broken off is not free', async () => {
    const ledger = memoryLedger()
    await using server = await WireServer.start(() => ({ type: SSE, body: sse([WORD]), ending: 'stays open' }))
    const client = sdk.guarded(server.url, ledger)
    for await (const _ of await client.chat.completions.create({ ...CHAT, stream: true })) break
    await expect.poll(() => spentOn(ledger)).toBeGreaterThan(0)
  })

  test.each([true, false])('6: the caller`s own stream options stay its own: include_usage %s', async (asks) => {
    const ledger = memoryLedger()
    await using server = await WireServer.start(answer)
    const body = { ...CHAT, stream: true as const, stream_options: { include_usage: asks } }
    const chunks: unknown[] = []
    for await (const chunk of await sdk.guarded(server.url, ledger).chat.completions.create(body)) chunks.push(chunk)
    expect(chunks).toEqual(chatEvents([WORD], asks))
    expect(server.heard[0]?.text.match(/stream_options/g)).toHaveLength(1)
  })

  test('6: a call that fails is on record', async () => {
    const ledger = memoryLedger()
    await using server = await WireServer.start(() => ({ status: 500, body: '{}' }))
    await expect(sdk.guarded(server.url, ledger).chat.completions.create(CHAT)).rejects.toThrow()
    expect(await ledger.calls.list()).toMatchObject([{ status: 'failed', cost: { status: 'released' } }])
  })
})
