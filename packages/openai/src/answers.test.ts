import { describe, expect, test } from 'vitest'
import { answerTo, chat, chatEvents, chatStream, chatTool, split, TOKENS } from './fixtures/testing/answers.ts'
import { SDKS } from './fixtures/testing/sdks.ts'
import { CHAT, story } from './fixtures/testing/story.ts'

const SPLITS = [1, 7, 64, 100_000]

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of stream) items.push(item)
  return items
}

describe.each(SDKS)('$name: what the caller gets', (sdk) => {
  test('is what the bare client gets, and is charged as its usage says', async () => {
    const { client, bare, rows } = await story(sdk)
    const answer = await client.chat.completions.create(CHAT)
    expect(answer).toEqual(await bare.chat.completions.create(CHAT))
    expect(answer._request_id).toBe('req_1')
    expect(await rows()).toMatchObject([
      {
        provider: 'openai',
        model: 'gpt-5',
        status: 'succeeded',
        request: CHAT,
        cost: { status: 'settled', tokens: TOKENS },
      },
    ])
  })

  test('withResponse and asResponse tell the same of the same response', async () => {
    const { client, server, rows } = await story(sdk)
    const { data, response, request_id } = await client.chat.completions.create(CHAT).withResponse()
    expect([data.choices[0]?.message.content, response.url, request_id]).toEqual([
      'Hello there',
      `${server.url}/chat/completions`,
      'req_1',
    ])
    const raw = await client.chat.completions.create(CHAT).asResponse()
    expect(await raw.json()).toEqual(chat('Hello there'))
    expect((await rows()).map(({ cost }) => cost?.tokens)).toEqual([TOKENS, TOKENS])
  })

  test.each(SPLITS)(
    'a stream is the bare client`s, in pieces of %i bytes, though it was asked for its usage',
    async (size) => {
      const { client, bare, server, rows } = await story(sdk, {
        answer: ({ json }) => ({ chunks: split(chatStream(json).chunks ?? [], size) }),
      })
      const expected = await all(await bare.chat.completions.create({ ...CHAT, stream: true }))
      expect(await all(await client.chat.completions.create({ ...CHAT, stream: true }))).toEqual(expected)
      expect(server.requests[1]?.json.stream_options).toEqual({ include_usage: true })
      expect(await rows()).toMatchObject([{ status: 'succeeded', cost: { tokens: TOKENS, estimated: false } }])
    },
  )

  test('a caller that asks for the usage of a stream gets it', async () => {
    const { client, rows } = await story(sdk)
    const body = { ...CHAT, stream: true as const, stream_options: { include_usage: true } }
    const chunks = await all(await client.chat.completions.create(body))
    expect(chunks.at(-1)?.usage?.total_tokens).toBe(TOKENS)
    expect(await rows()).toMatchObject([{ cost: { tokens: TOKENS } }])
  })

  test('tee, toReadableStream and the stream helper read one and the same answer', async () => {
    const { client, rows } = await story(sdk)
    const [one, other] = (await client.chat.completions.create({ ...CHAT, stream: true })).tee()
    expect(await all(one)).toEqual(await all(other))
    const raw = await client.chat.completions.create({ ...CHAT, stream: true })
    const lines = (await new Response(raw.toReadableStream()).text()).trim().split('\n')
    expect(lines).toHaveLength(chatEvents(false).length - 1)
    const helper = client.chat.completions.stream(CHAT)
    expect(await helper.finalContent()).toBe('Hello — thére')
    expect((await rows()).map(({ cost }) => cost?.tokens)).toEqual([TOKENS, TOKENS, TOKENS])
  })

  test('responses come as JSON, as events, and through their helper', async () => {
    const { client, bare, rows } = await story(sdk)
    const body = { model: 'gpt-5', input: 'Say hello.' }
    expect((await client.responses.create(body)).output_text).toBe('Hello there')
    expect(await all(await client.responses.create({ ...body, stream: true }))).toEqual(
      await all(await bare.responses.create({ ...body, stream: true })),
    )
    expect((await client.responses.stream(body).finalResponse()).output_text).toBe('Hello there')
    expect((await rows()).map(({ cost }) => cost?.tokens)).toEqual([TOKENS, TOKENS, TOKENS])
  })

  test('the SDK`s own tool runner pays for each turn', async () => {
    const answers = [chatTool('add', { a: 1, b: 2 }), chat('3')]
    const { client, rows } = await story(sdk, { answer: (_, index) => ({ json: answers[index] }) })
    const add = {
      name: 'add',
      description: 'adds',
      parameters: { type: 'object', properties: {} },
      parse: JSON.parse,
      function: ({ a, b }: { a: number; b: number }) => `${a + b}`,
    }
    const runner = client.chat.completions.runTools({ ...CHAT, tools: [{ type: 'function', function: add }] })
    expect(await runner.finalContent()).toBe('3')
    expect(await rows()).toHaveLength(2)
  })

  test('embeddings, pictures, speech and uploads are metered, and lists are not', async () => {
    const { client, server, rows } = await story(sdk, { ledger: { unboundedCalls: 'refuse', limits: {} } })
    await client.embeddings.create({ model: 'text-embedding-3-small', input: 'hello' })
    await client.images.generate({ model: 'gpt-image-1', prompt: 'a cat' })
    const speech = await client.audio.speech.create({ model: 'tts-1', input: 'hello', voice: 'alloy' })
    expect(await speech.text()).toBe('sound')
    const file = new File(['abc'], 'a.mp3', { type: 'audio/mpeg' })
    expect((await client.audio.transcriptions.create({ file, model: 'gpt-4o-transcribe' })).text).toBe('hello')
    await client.models.list()
    expect(server.requests).toHaveLength(5)
    expect((await rows()).map(({ model, request }) => [model, request])).toEqual([
      ['text-embedding-3-small', expect.objectContaining({ input: 'hello' })],
      ['gpt-image-1', { model: 'gpt-image-1', prompt: 'a cat' }],
      ['tts-1', { model: 'tts-1', input: 'hello', voice: 'alloy' }],
      ['gpt-4o-transcribe', { file: { name: 'a.mp3', type: 'audio/mpeg', size: 3 }, model: 'gpt-4o-transcribe' }],
    ])
  })

  test('a request says who sends it as the bare client`s does', async () => {
    const { client, bare, server } = await story(sdk)
    await client.chat.completions.create(CHAT)
    await bare.chat.completions.create(CHAT)
    const [ours, theirs] = server.requests.map(({ headers }) => headers)
    expect(ours).toEqual(theirs)
    expect(server.requests[0]?.body).toEqual(server.requests[1]?.body)
  })

  test('a host that refuses to be asked for usage is asked without', async () => {
    const { client, rows } = await story(sdk, {
      answer: (heard) =>
        heard.json?.stream_options === undefined
          ? answerTo(heard)
          : { status: 400, json: { error: { message: "Unknown parameter: 'stream_options'." } } },
    })
    const stream = await client.chat.completions.create({ ...CHAT, stream: true })
    expect(await all(stream)).toHaveLength(4)
    expect(await rows()).toMatchObject([{ status: 'succeeded', cost: { estimated: true } }])
  })
})
