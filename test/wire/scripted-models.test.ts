/** The scripted model, as the real clients read it. */
import AnthropicSdk from '@anthropic-ai/sdk'
import { type ScriptedAnswer, type ScriptedTurn, scriptedFetch } from '@holdfast/http/testing'
import OpenAISdk, { APIConnectionError, BadRequestError } from 'openai'
import { describe, expect, test } from 'vitest'

const USAGE = { input: 120, output: 30 }
const TURN: ScriptedAnswer = {
  text: 'I will pay — thén ship.',
  tools: [
    ['pay', { order: '1', note: 'a "b"' }],
    ['ship', { address: 'Seoul' }],
  ],
  usage: USAGE,
}
const CALLS = [
  ['pay', { order: '1', note: 'a "b"' }],
  ['ship', { address: 'Seoul' }],
]

interface Heard {
  readonly text: string
  readonly calls: unknown
  readonly end: unknown
  readonly usage: unknown
}

interface Reader {
  readonly name: string
  readonly ends: { readonly calls: string; readonly text: string; readonly cutOff: string }
  read(fetch: typeof globalThis.fetch, signal?: AbortSignal): Promise<Heard>
}

const MESSAGES = [{ role: 'user' as const, content: 'Process order 1.' }]
const openai = (fetch: typeof globalThis.fetch) => new OpenAISdk({ apiKey: 'none', fetch })
const anthropic = (fetch: typeof globalThis.fetch) => new AnthropicSdk({ apiKey: 'none', fetch })
const parsed = (json: string): unknown => JSON.parse(json)

function heardChat({ choices: [choice], usage }: OpenAISdk.ChatCompletion): Heard {
  const calls = choice?.message.tool_calls?.map((call) =>
    call.type === 'function' ? [call.function.name, parsed(call.function.arguments)] : [],
  )
  const used = [usage?.prompt_tokens, usage?.completion_tokens, usage?.total_tokens]
  return { text: choice?.message.content ?? '', calls: calls ?? [], end: choice?.finish_reason, usage: used }
}

function heardResponse({ output, output_text, status, usage }: OpenAISdk.Responses.Response): Heard {
  const calls = output.flatMap((item) => (item.type === 'function_call' ? [[item.name, parsed(item.arguments)]] : []))
  return {
    text: output_text,
    calls,
    end: status,
    usage: [usage?.input_tokens, usage?.output_tokens, usage?.total_tokens],
  }
}

function heardMessage({ content, stop_reason, usage }: AnthropicSdk.Message): Heard {
  const calls = content.flatMap((block) => (block.type === 'tool_use' ? [[block.name, block.input]] : []))
  const text = content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('')
  const { input_tokens: input, output_tokens: output } = usage
  return { text, calls, end: stop_reason, usage: [input, output, input + output] }
}

const chat = { model: 'gpt-5', messages: MESSAGES }
const ask = { model: 'claude-haiku-4-5', max_tokens: 100, messages: MESSAGES }
const response = { model: 'gpt-5', input: 'Process order 1.' }
const CHAT_ENDS = { calls: 'tool_calls', text: 'stop', cutOff: 'length' }
const RESPONSE_ENDS = { calls: 'completed', text: 'completed', cutOff: 'incomplete' }
const MESSAGE_ENDS = { calls: 'tool_use', text: 'end_turn', cutOff: 'max_tokens' }

const READERS: readonly Reader[] = [
  {
    name: 'chat completions',
    ends: CHAT_ENDS,
    read: async (fetch, signal) => heardChat(await openai(fetch).chat.completions.create(chat, { signal })),
  },
  {
    name: 'a stream of chat completions',
    ends: CHAT_ENDS,
    read: async (fetch, signal) => {
      const asked = { ...chat, stream_options: { include_usage: true } }
      const stream = openai(fetch).chat.completions.stream(asked, { signal })
      return heardChat(await stream.finalChatCompletion())
    },
  },
  {
    name: 'responses',
    ends: RESPONSE_ENDS,
    read: async (fetch, signal) => heardResponse(await openai(fetch).responses.create(response, { signal })),
  },
  {
    name: 'a stream of responses',
    ends: RESPONSE_ENDS,
    read: async (fetch, signal) =>
      heardResponse(await openai(fetch).responses.stream(response, { signal }).finalResponse()),
  },
  {
    name: 'messages',
    ends: MESSAGE_ENDS,
    read: async (fetch, signal) => heardMessage(await anthropic(fetch).messages.create(ask, { signal })),
  },
  {
    name: 'a stream of messages',
    ends: MESSAGE_ENDS,
    read: async (fetch, signal) => heardMessage(await anthropic(fetch).messages.stream(ask, { signal }).finalMessage()),
  },
]

describe.each(READERS)('as $name the scripted model', ({ read, ends, name }) => {
  test.each([undefined, 1, 7, 4096])(
    'says a text and calls with their usage, %s bytes at a time',
    async (chunkBytes) => {
      const heard = await read(scriptedFetch([TURN], { chunkBytes }))
      expect(heard).toEqual({ text: TURN.text, calls: CALLS, end: ends.calls, usage: [120, 30, 150] })
    },
  )

  test.each<[string, ScriptedTurn, object]>([
    ['a text', 'Paid.', { text: 'Paid.', calls: [], end: ends.text }],
    ['one call', ['pay', { order: '1' }], { text: '', calls: [['pay', { order: '1' }]], end: ends.calls }],
    ['a call of nothing', ['now'], { calls: [['now', {}]] }],
    [
      'two calls',
      [['pay'], ['ship']],
      {
        calls: [
          ['pay', {}],
          ['ship', {}],
        ],
      },
    ],
  ])('says %s in short', async (_, turn, heard) => {
    expect(await read(scriptedFetch([turn]))).toMatchObject(heard)
  })

  test('fails as the provider does, and its client tries again', async () => {
    const fetch = scriptedFetch([{ status: 503 }, { status: 429, text: 'Slow down.' }, 'Paid.'])
    expect(await read(fetch)).toMatchObject({ text: 'Paid.' })
    expect([fetch.requests.length, fetch.turnsLeft]).toEqual([3, 0])
  })

  test('is cut off, or breaks off', async () => {
    const isMessage = name.includes('messages')
    const cut = await read(scriptedFetch([{ text: 'I will', cutOff: true }])).catch((error: unknown) => error)
    // The chat stream of the SDK throws for it.
    expect(JSON.stringify(cut) + String(cut)).toMatch(isMessage ? ends.cutOff : /incomplete|length/)
    await expect(read(scriptedFetch([{ text: 'I will', error: 'cut' }, 'x'], { chunkBytes: 3 }))).rejects.toThrow()
  })

  test('says when its script is over, once', async () => {
    const fetch = scriptedFetch(['Paid.'])
    await read(fetch)
    await expect(read(fetch)).rejects.toThrow('The script is over: it has 1 turns, and this is request 2.')
    expect(fetch.requests).toHaveLength(2)
  })

  test('never answers, until it is aborted', async () => {
    const controller = new AbortController()
    const fetch = scriptedFetch([{ error: 'hang' }])
    const hung = read((...args) => {
      queueMicrotask(() => controller.abort())
      return fetch(...args)
    }, controller.signal)
    await expect(hung).rejects.toThrow(/abort/i)
  })
})

test('what was asked can be looked at, and answered by', async () => {
  const fetch = scriptedFetch([({ body }) => `You said: ${body.messages[0].content}`])
  const heard = heardChat(await openai(fetch).chat.completions.create(chat))
  expect(heard.text).toBe('You said: Process order 1.')
  expect(fetch.requests).toMatchObject([
    { method: 'POST', url: 'https://api.openai.com/v1/chat/completions', body: chat },
  ])
})

test('usage is plausible where the script says none', async () => {
  const { usage } = await openai(scriptedFetch(['x'.repeat(400)])).chat.completions.create(chat)
  expect(usage).toMatchObject({ completion_tokens: 100 })
  expect(usage?.prompt_tokens).toBeGreaterThan(10)
})

test('what is no model request is refused, and takes no turn', async () => {
  const fetch = scriptedFetch(['Paid.'])
  await expect(openai(fetch).models.list()).rejects.toThrow(BadRequestError)
  await expect(openai(fetch).embeddings.create({ model: 'm', input: 'x' })).rejects.toThrow('has no answer to POST')
  expect(fetch.turnsLeft).toBe(1)
})

test('a connection that breaks does so as Node’s does', async () => {
  const client = new OpenAISdk({ apiKey: 'none', maxRetries: 0, fetch: scriptedFetch([{ error: 'reset' }]) })
  await expect(client.chat.completions.create(chat)).rejects.toThrow(APIConnectionError)
})
