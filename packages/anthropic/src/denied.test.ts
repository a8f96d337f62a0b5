import { BudgetExceededError, HoldfastError, usd } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { betaTool, SDKS } from './fixtures/testing/sdks.ts'
import { ASK, atAnthropic, story } from './fixtures/testing/story.ts'

type Client = (typeof SDKS)[number]['Anthropic']['prototype']

const SPENT = { limits: { budget: usd('0.00001') } }
const REQUESTS = [{ custom_id: 'one', params: ASK }]
const EVENTS = [{ type: 'user.message' as const, content: [{ type: 'text' as const, text: 'a' }] }]
const TOOL = betaTool({
  name: 'f',
  description: 'f',
  inputSchema: { type: 'object', properties: {} },
  run: () => 'done',
})

/** Every method of the client that is billed, in the words of both versions. */
const BILLED: Readonly<Record<string, (client: Client) => PromiseLike<unknown>>> = {
  'messages.create': (client) => client.messages.create(ASK),
  'messages.create, a stream': (client) => client.messages.create({ ...ASK, stream: true }),
  'messages.stream': (client) => client.messages.stream(ASK).finalMessage(),
  'messages.parse': (client) => client.messages.parse(ASK),
  'messages.batches.create': (client) => client.messages.batches.create({ requests: REQUESTS }),
  'beta.messages.create': (client) => client.beta.messages.create(ASK),
  'beta.messages.stream': (client) => client.beta.messages.stream(ASK).finalMessage(),
  'beta.messages.parse': (client) => client.beta.messages.parse(ASK),
  'beta.messages.toolRunner': (client) => client.beta.messages.toolRunner({ ...ASK, tools: [TOOL] }).runUntilDone(),
  'beta.messages.toolRunner, a stream': async (client) => {
    for await (const stream of client.beta.messages.toolRunner({ ...ASK, tools: [TOOL], stream: true }))
      for await (const _ of stream);
  },
  'beta.messages.batches.create': (client) => client.beta.messages.batches.create({ requests: REQUESTS }),
  'beta.sessions.create': (client) => client.beta.sessions.create({ agent: 'a', environment_id: 'e' }),
  'beta.sessions.events.send': (client) => client.beta.sessions.events.send('s', { events: EVENTS }),
  'beta.deployments.run': (client) => client.beta.deployments.run('d'),
  'beta.dreams.create': (client) => client.post('/v1/dreams', { body: {} }),
  'post, to an endpoint of one`s own choice': (client) => client.post('/v1/messages', { body: ASK }),
  'post, of a body that is a text': (client) =>
    client.post('/v1/messages', { body: JSON.stringify(ASK), headers: { 'content-type': 'application/json' } }),
}

describe.each(SDKS)('$name: what is refused', (sdk) => {
  test.each(Object.entries(BILLED))('%s: not a byte is sent, and it is heard of once', async (_, call) => {
    const { client, server, ledger } = await story(sdk, { ledger: SPENT, place: atAnthropic })
    const heard: unknown[] = []
    ledger.on('limit-refused', (event) => void heard.push(event))
    const error: unknown = await Promise.resolve(call(client)).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(sdk.AnthropicError)
    expect(['budget-exceeded', 'unbounded-call', 'unknown-price']).toContain((error as HoldfastError).code)
    expect(HoldfastError.isInstance(error)).toBe(true)
    expect(server.requests).toEqual([])
    expect(heard.length).toBeLessThanOrEqual(1)
  })

  test('a spent budget says so in our words, as an error of the SDK', async () => {
    const { client, ledger, rows } = await story(sdk, { ledger: SPENT })
    const refused: string[] = []
    ledger.on('limit-refused', ({ what }) => void refused.push(what))
    const error = await client.messages.create(ASK).catch((thrown) => thrown)
    expect(refused).toEqual(['budget'])
    expect(BudgetExceededError.isInstance(error)).toBe(true)
    expect(error).toBeInstanceOf(BudgetExceededError)
    expect(error).toBeInstanceOf(sdk.AnthropicError)
    expect(error).toMatchObject({ name: 'BudgetExceededError', code: 'budget-exceeded', status: 402, model: ASK.model })
    expect(error.toJSON()).toMatchObject({ code: 'budget-exceeded', message: error.message })
    expect((await rows()).filter(({ cost }) => cost !== null && cost.status !== 'released')).toEqual([])
  })

  test('it is thrown, not wrapped, through withResponse and asResponse', async () => {
    const { client } = await story(sdk, { ledger: SPENT })
    for (const ask of [
      () => client.messages.create(ASK).withResponse(),
      () => client.messages.create(ASK).asResponse(),
    ])
      expect(BudgetExceededError.isInstance(await ask().catch((thrown: unknown) => thrown))).toBe(true)
  })

  test('a text that looks like a failure of the network is refused once all the same', async () => {
    const { client, server, ledger } = await story(sdk, { ledger: { session: 'timeout', ...SPENT } })
    const refused: unknown[] = []
    ledger.on('limit-refused', (event) => void refused.push(event))
    const error = await client.messages.create(ASK).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ message: expect.stringContaining('timeout') })
    expect(error).toBeInstanceOf(BudgetExceededError)
    expect(error).toBeInstanceOf(sdk.AnthropicError)
    expect(refused).toHaveLength(1)
    expect(server.requests).toEqual([])
  })

  test('what ends a run before it is asked for is thrown as it is, though it looks like a timeout', async () => {
    const { client, server, ledger } = await story(sdk)
    const reason = new Error('the approval timed out')
    const caught: unknown[] = []
    const caller = new AbortController()
    await ledger
      .run({ id: 'r', signal: caller.signal }, async () => {
        caller.abort(reason)
        await client.messages.create(ASK).catch((error: unknown) => caught.push(error))
        throw caught[0]
      })
      .catch(() => undefined)
    expect(server.requests).toEqual([])
    expect(caught).toHaveLength(1)
    expect(HoldfastError.isInstance(caught[0]) || caught[0] === reason).toBe(true)
  })

  test('a run that it halts ends with it, though it was thrown as an error of the SDK', async () => {
    const { client, ledger } = await story(sdk)
    const limits = { budget: usd('0.00001') }
    const run = ledger.run({ id: 'r', limits }, () => client.messages.create(ASK).catch(() => 'swallowed'))
    const error: unknown = await run.catch((thrown: unknown) => thrown)
    expect(BudgetExceededError.isInstance(error)).toBe(true)
  })

  test('what nobody knows is refused where that is asked for, and the token of a credential never is', async () => {
    const { client, server } = await story(sdk, { ledger: { unmetered: 'refuse', limits: {} } })
    const error = await client.post('/v1/something/new', { body: {} }).catch((thrown) => thrown)
    expect(HoldfastError.isInstance(error)).toBe(true)
    expect(error).toBeInstanceOf(sdk.AnthropicError)
    expect(server.requests).toEqual([])
  })
})

describe('message threads', () => {
  const [one] = SDKS as readonly [(typeof SDKS)[number]]

  test('what a thread holds is in no body, so that nothing bounds what goes in', async () => {
    const { client, server } = await story(one, { ledger: { limits: { budget: usd(1) } } })
    const thread = client.beta.messages.thread({ model: ASK.model, max_tokens: 100 })
    const error = await thread.send({ role: 'user', content: 'hi' }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'unbounded-call', message: expect.stringContaining('thread') })
    expect(server.requests).toEqual([])
  })
})
