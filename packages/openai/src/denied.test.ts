import { BudgetExceededError, HoldfastError, usd } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { SDKS } from './fixtures/testing/sdks.ts'
import { CHAT, MESSAGES, story } from './fixtures/testing/story.ts'

type Client = (typeof SDKS)[number]['OpenAI']['prototype']

const FILE = () => new File(['abc'], 'a.mp3', { type: 'audio/mpeg' })
const SPENT = { limits: { budget: usd('0.00001') } }

/** Every method of the client that is billed, in the words of both versions. */
const BILLED: Readonly<Record<string, (client: Client) => PromiseLike<unknown>>> = {
  'chat.completions.create': (client) => client.chat.completions.create(CHAT),
  'chat.completions.create, a stream': (client) => client.chat.completions.create({ ...CHAT, stream: true }),
  'chat.completions.parse': (client) => client.chat.completions.parse(CHAT),
  'chat.completions.stream': (client) => client.chat.completions.stream(CHAT).finalChatCompletion(),
  'chat.completions.runTools': (client) =>
    client.chat.completions.runTools({ ...CHAT, tools: [toolOf()] }).finalChatCompletion(),
  'completions.create': (client) => client.completions.create({ model: 'gpt-3.5-turbo-instruct', prompt: 'a' }),
  'responses.create': (client) => client.responses.create({ model: 'gpt-5', input: 'a' }),
  'responses.parse': (client) => client.responses.parse({ model: 'gpt-5', input: 'a' }),
  'responses.stream': (client) => client.responses.stream({ model: 'gpt-5', input: 'a' }).finalResponse(),
  'responses.compact': (client) => client.responses.compact({ model: 'gpt-5', input: 'a' }),
  'embeddings.create': (client) => client.embeddings.create({ model: 'text-embedding-3-small', input: 'a' }),
  'images.generate': (client) => client.images.generate({ model: 'gpt-image-1', prompt: 'a' }),
  'images.edit': (client) => client.images.edit({ model: 'gpt-image-1', prompt: 'a', image: FILE() }),
  'images.createVariation': (client) => client.images.createVariation({ image: FILE() }),
  'audio.speech.create': (client) => client.audio.speech.create({ model: 'tts-1', input: 'a', voice: 'alloy' }),
  'audio.transcriptions.create': (client) => client.audio.transcriptions.create({ file: FILE(), model: 'whisper-1' }),
  'audio.translations.create': (client) => client.audio.translations.create({ file: FILE(), model: 'whisper-1' }),
  'videos.create': (client) => client.videos.create({ prompt: 'a' }),
  'videos.remix': (client) => client.videos.remix('v', { prompt: 'a' }),
  'batches.create': (client) =>
    client.batches.create({ input_file_id: 'f', endpoint: '/v1/chat/completions', completion_window: '24h' }),
  'fineTuning.jobs.create': (client) => client.fineTuning.jobs.create({ model: 'gpt-4o-mini', training_file: 'f' }),
  'evals.runs.create': (client) =>
    client.evals.runs.create('e', { data_source: { type: 'jsonl', source: { type: 'file_id', id: 'f' } } }),
  'beta.threads.createAndRun': (client) => client.beta.threads.createAndRun({ assistant_id: 'a' }),
  'beta.threads.runs.create': (client) => client.beta.threads.runs.create('t', { assistant_id: 'a' }),
  'beta.threads.runs.submitToolOutputs': (client) =>
    client.beta.threads.runs.submitToolOutputs('r', { thread_id: 't', tool_outputs: [] }),
  'containers.create': (client) => client.containers.create({ name: 'c' }),
  'vectorStores.search': (client) => client.vectorStores.search('v', { query: 'a' }),
  'post, to an endpoint of one`s own choice': (client) => client.post('/chat/completions', { body: CHAT }),
  'post, of a body that is a text': (client) =>
    client.post('/chat/completions', {
      body: JSON.stringify(CHAT),
      headers: { 'content-type': 'application/json' },
    }),
}

function toolOf() {
  const parameters = { type: 'object', properties: {} }
  const tool = { name: 'f', description: 'f', parameters, parse: JSON.parse, function: () => 'done' }
  return { type: 'function' as const, function: tool }
}

describe.each(SDKS)('$name: what is refused', (sdk) => {
  test.each(Object.entries(BILLED))('%s: not a byte is sent, and it is heard of once', async (_, call) => {
    const { client, server } = await story(sdk, { ledger: SPENT })
    const error: unknown = await Promise.resolve(call(client)).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(sdk.OpenAIError)
    expect(['budget-exceeded', 'unbounded-call', 'unknown-price']).toContain((error as HoldfastError).code)
    expect(HoldfastError.isInstance(error)).toBe(true)
    expect(server.requests).toEqual([])
  })

  test('a spent budget says so in our words, as an error of the SDK', async () => {
    const { client, ledger, rows } = await story(sdk, { ledger: SPENT })
    const refused: string[] = []
    ledger.on('limit-refused', ({ what }) => void refused.push(what))
    const error = await client.chat.completions.create(CHAT).catch((thrown) => thrown)
    expect(refused).toEqual(['budget'])
    expect(BudgetExceededError.isInstance(error)).toBe(true)
    expect(error).toBeInstanceOf(BudgetExceededError)
    expect(error).toBeInstanceOf(sdk.OpenAIError)
    expect(error).toMatchObject({ name: 'BudgetExceededError', code: 'budget-exceeded', status: 402, model: 'gpt-5' })
    expect(error.toJSON()).toMatchObject({ code: 'budget-exceeded', message: error.message })
    expect((await rows()).filter(({ cost }) => cost !== null && cost.status !== 'released')).toEqual([])
  })

  test('it is thrown, not wrapped, through withResponse and asResponse', async () => {
    const { client } = await story(sdk, { ledger: SPENT })
    for (const ask of [
      () => client.chat.completions.create(CHAT).withResponse(),
      () => client.chat.completions.create(CHAT).asResponse(),
      () => client.chat.completions.create({ messages: MESSAGES, model: 'gpt-5', stream: true }),
    ])
      expect(BudgetExceededError.isInstance(await Promise.resolve(ask()).catch((thrown: unknown) => thrown))).toBe(true)
  })

  test('what comes past the SDK`s hooks is refused in the same way', async () => {
    class Hooked extends sdk.OpenAI {
      // A hook of its own, instead of ours.
      protected override async prepareRequest(): Promise<void> {}
    }
    const { ledger, server } = await story(sdk, { ledger: SPENT })
    const client = new Hooked({ apiKey: 'k', baseURL: server.url, ledger })
    const error = await client.chat.completions.create(CHAT).catch((thrown) => thrown)
    expect(BudgetExceededError.isInstance(error)).toBe(true)
    expect(error).toBeInstanceOf(sdk.OpenAIError)
    expect(server.requests).toEqual([])
  })

  test('a run that it halts ends with it, though it was thrown as an error of the SDK', async () => {
    const { client, ledger } = await story(sdk)
    const limits = { budget: usd('0.00001') }
    const run = ledger.run({ id: 'r', limits }, () => client.chat.completions.create(CHAT).catch(() => 'swallowed'))
    const error: unknown = await run.catch((thrown: unknown) => thrown)
    expect(BudgetExceededError.isInstance(error)).toBe(true)
  })
})
