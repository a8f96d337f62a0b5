/** What every budget must pass that calls itself one, of model calls over the wire: B4, B5, B7 and B11. */
import { createServer } from 'node:net'
import { BudgetExceededError, HoldfastError, type Ledger, usd } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { DIALECTS, type Dialect } from '../wire/support/dialects.ts'
import { CHAT, INPUT } from '../wire/support/openai-bodies.ts'
import { OPENAI } from '../wire/support/sdks.ts'
import { type Answer, WireServer } from '../wire/support/wire-server.ts'
import { memoryLedger } from './support/ledgers.ts'

const BUDGET = { limits: { budget: usd(5) } }
const SPENT = { limits: { budget: usd('0.00001') } }

/** What each attempt cost, when all are settled. */
async function costs(ledger: Ledger): Promise<(number | null)[]> {
  const rows = async () => (await ledger.calls.list()).toSorted((one, other) => one.id - other.id)
  await expect.poll(async () => (await rows()).filter(({ cost }) => cost?.status === 'open')).toEqual([])
  return (await rows()).map(({ cost }) => cost?.spent ?? null)
}

describe.each(DIALECTS)('$name', (dialect) => {
  const clientOf = (server: WireServer, ledger: Ledger, options: object = {}) =>
    dialect.sdk.guarded(server.url, ledger, { maxRetries: 2, ...options })
  const { begun, errorEvent, eventsWithoutUsage } = dialect
  const open: Answer = { ...begun, ending: 'stays open' }

  test.each<[string, Answer, (stream: Awaited<ReturnType<Dialect['stream']>>) => Promise<unknown>]>([
    ['a break', open, firstOf],
    ['an abort', open, async (stream) => stream.controller.abort()],
    ['a broken connection', { ...begun, ending: 'breaks' }, allOf],
    ['an error event', errorEvent, allOf],
    ['missing usage', eventsWithoutUsage, allOf],
  ])('B4: a stream that ends by %s is charged by what was seen, and never nothing', async (_, answer, read) => {
    await using server = await WireServer.start(() => answer)
    const ledger = memoryLedger(BUDGET)
    await read(await dialect.stream(clientOf(server, ledger))).catch(() => undefined)
    const [cost, ...more] = await costs(ledger)
    expect(more).toEqual([])
    expect(cost).toBeGreaterThan(0)
  })

  test('B5: what failed without use costs nothing, and each retry of the SDK is an attempt of its own', async () => {
    const failed: Answer = { status: 500, headers: { 'retry-after-ms': '1' }, body: '{}' }
    await using server = await WireServer.start((_, index) => (index < 2 ? failed : dialect.json))
    const ledger = memoryLedger(BUDGET)
    await dialect.ask(clientOf(server, ledger))
    const [first, second, third] = await costs(ledger)
    expect([first, second]).toEqual([0, 0])
    expect(third).toBeGreaterThan(0)
    expect(server.heard).toHaveLength(3)
  })

  test('B5: a connection that nobody takes, and a request that is refused, cost nothing', async () => {
    const ledger = memoryLedger(BUDGET)
    const nobody = dialect.sdk.guarded(await nowhere(), ledger)
    await expect(dialect.ask(nobody)).rejects.toThrow()
    await using server = await WireServer.start(() => ({ status: 400, body: '{}' }))
    await expect(dialect.ask(clientOf(server, ledger))).rejects.toThrow()
    expect(await costs(ledger)).toEqual([0, 0])
  })

  test('B7: what a budget refuses is not tried again, and ends the run that swallows it', async () => {
    await using server = await WireServer.start()
    const ledger = memoryLedger()
    let asked = 0
    ledger.on('limit-refused', () => void asked++)
    const run = ledger.run({ id: 'r', ...SPENT }, () => dialect.ask(clientOf(server, ledger)).catch(() => 'swallowed'))
    const error: unknown = await run.catch((thrown: unknown) => thrown)
    expect(BudgetExceededError.isInstance(error)).toBe(true)
    expect(asked).toBe(1)
    expect(server.connections).toBe(0)
  })
})

describe.each(OPENAI)('$name', (sdk) => {
  test.each<[string, (client: ReturnType<typeof sdk.bare>) => PromiseLike<unknown>]>([
    ['chat', (client) => client.chat.completions.create(CHAT)],
    ['its stream helper', (client) => client.chat.completions.stream(CHAT).finalContent()],
    ['responses', (client) => client.responses.create(INPUT)],
    ['their stream helper', (client) => client.responses.stream(INPUT).finalResponse()],
    ['embeddings', (client) => client.embeddings.create({ model: 'text-embedding-3-small', input: 'a' })],
    ['the beta', (client) => client.beta.threads.runs.create('t', { assistant_id: 'a' })],
    ['a clone', (client) => client.withOptions({ timeout: 1_000 }).chat.completions.create(CHAT)],
    ['a clone with a fetch of its own', (client) => client.withOptions({ fetch }).chat.completions.create(CHAT)],
    ['a request by hand', (client) => client.post('/chat/completions', { body: CHAT })],
  ])('B11: %s is guarded (of every method: test/wire/denied.test.ts)', async (_, ask) => {
    await using server = await WireServer.start()
    const client = sdk.guarded(server.url, memoryLedger(SPENT))
    const error: unknown = await Promise.resolve(ask(client)).catch((thrown: unknown) => thrown)
    expect(HoldfastError.isInstance(error)).toBe(true)
    expect(server.connections).toBe(0)
  })
})

async function firstOf(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream) break
}

async function allOf(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}

/** Where nobody listens. */
async function nowhere(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${port}`
}
