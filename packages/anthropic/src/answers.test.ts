import { usd } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { message, messageEvents, messageTool, split, TOKENS } from './fixtures/testing/answers.ts'
import { betaTool, SDKS } from './fixtures/testing/sdks.ts'
import { ASK, MESSAGES, story } from './fixtures/testing/story.ts'

const SPLITS = [1, 9, 64, 100_000]

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of stream) items.push(item)
  return items
}

describe.each(SDKS)('$name: what the caller gets', (sdk) => {
  test('is what the bare client gets, and is charged as its usage says', async () => {
    const { client, bare, rows } = await story(sdk)
    const answer = await client.messages.create(ASK)
    expect(answer).toEqual(await bare.messages.create(ASK))
    expect(answer._request_id).toBe('req_1')
    expect(await rows()).toMatchObject([
      {
        provider: 'anthropic',
        model: 'claude-haiku-4-5',
        status: 'succeeded',
        request: ASK,
        cost: { status: 'settled', tokens: TOKENS, estimated: false },
      },
    ])
  })

  test('withResponse and asResponse tell the same of the same response', async () => {
    const { client, server, rows } = await story(sdk)
    const { data, response, request_id } = await client.messages.create(ASK).withResponse()
    expect([data.content, response.url, request_id]).toEqual([
      [{ type: 'text', text: 'Hello there', citations: null }],
      `${server.url}/v1/messages`,
      'req_1',
    ])
    const raw = await client.messages.create(ASK).asResponse()
    expect(await raw.json()).toEqual(message('Hello there'))
    expect((await rows()).map(({ cost }) => cost?.tokens)).toEqual([TOKENS, TOKENS])
  })

  test.each(SPLITS)('a stream is the bare client`s, in pieces of %i bytes', async (size) => {
    const { client, bare, rows } = await story(sdk, { answer: () => ({ chunks: split(messageEvents(), size) }) })
    const expected = await all(await bare.messages.create({ ...ASK, stream: true }))
    expect(expected).toHaveLength(messageEvents().length - 1)
    expect(await all(await client.messages.create({ ...ASK, stream: true }))).toEqual(expected)
    expect(await rows()).toMatchObject([{ status: 'succeeded', cost: { tokens: TOKENS, estimated: false } }])
  })

  test('tee, toReadableStream and the stream helpers read one and the same answer', async () => {
    const { client, rows } = await story(sdk)
    const [one, other] = (await client.messages.create({ ...ASK, stream: true })).tee()
    expect(await all(one)).toEqual(await all(other))
    const raw = await client.messages.create({ ...ASK, stream: true })
    const lines = (await new Response(raw.toReadableStream()).text()).trim().split('\n')
    expect(lines).toHaveLength(messageEvents().length - 1)
    expect(await client.messages.stream(ASK).finalText()).toBe('Hello — thére')
    expect((await client.beta.messages.stream(ASK).finalMessage()).usage.output_tokens).toBe(12)
    expect((await rows()).map(({ cost }) => cost?.tokens)).toEqual([TOKENS, TOKENS, TOKENS, TOKENS])
  })

  test('the SDK`s own tool runner pays for each turn', async () => {
    const answers = [messageTool('add', { a: 1, b: 2 }), message('3')]
    const { client, rows } = await story(sdk, { answer: (_, index) => ({ json: answers[index] }) })
    const add = betaTool({
      name: 'add',
      description: 'adds',
      inputSchema: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } } },
      run: ({ a, b }) => `${Number(a) + Number(b)}`,
    })
    const last = await client.beta.messages.toolRunner({ ...ASK, tools: [add] }).runUntilDone()
    expect(last.content).toMatchObject([{ type: 'text', text: '3' }])
    expect((await rows()).map(({ cost }) => cost?.tokens)).toEqual([TOKENS, TOKENS])
  })

  test('what costs nothing goes through untouched', async () => {
    const { client, server, rows } = await story(sdk)
    await client.messages.countTokens({ model: 'claude-haiku-4-5', messages: MESSAGES })
    await client.beta.messages.countTokens({ model: 'claude-haiku-4-5', messages: MESSAGES })
    await client.models.list()
    expect(server.requests).toHaveLength(3)
    expect(await rows()).toEqual([])
  })

  test('a batch is charged as held, and corrected when its results are read', async () => {
    const { client, server, rows } = await story(sdk)
    const requests = ['one', 'two'].map((custom_id) => ({ custom_id, params: ASK }))
    const { id } = await client.messages.batches.create({ requests })
    const [before] = await rows()
    expect(before).toMatchObject({ model: 'claude-haiku-4-5', status: 'succeeded' })
    const results = await all(await client.messages.batches.results(id))
    expect(results.map(({ custom_id }) => custom_id)).toEqual(['one', 'two'])
    expect(server.requests).toHaveLength(3)
    expect(await rows()).toMatchObject([{ cost: { tokens: 2 * TOKENS } }])
  })

  test('a request says who sends it as the bare client`s does', async () => {
    const { client, bare, server } = await story(sdk)
    await client.messages.create(ASK)
    await bare.messages.create(ASK)
    const [ours, theirs] = server.requests.map(({ headers }) => headers)
    expect(ours).toEqual(theirs)
    expect(ours?.['user-agent']).toMatch(/^Anthropic\/JS /)
    expect(server.requests[0]?.body).toEqual(server.requests[1]?.body)
  })

  test('a budget caps what may come out, in what is sent', async () => {
    const { client, server, ledger, rows } = await story(sdk)
    const { max_tokens: _, ...uncapped } = ASK
    await ledger.run({ id: 'r', limits: { budget: usd('0.02') } }, () =>
      client.post('/v1/messages', { body: uncapped }),
    )
    expect(server.requests[0]?.json).toMatchObject({ ...uncapped, max_tokens: expect.any(Number) })
    expect(await rows()).toMatchObject([{ request: uncapped, cost: { tokens: TOKENS } }])
  })

  test('a long answer that is not streamed is refused as the bare client does, and costs nothing', async () => {
    const { client, server, rows } = await story(sdk)
    const long = { ...ASK, max_tokens: 1_000_000 }
    await expect(async () => client.messages.create(long)).rejects.toThrow(
      /Streaming is (?:strongly )?(?:required|recommended)/,
    )
    expect([server.requests, await rows()]).toEqual([[], []])
  })
})
