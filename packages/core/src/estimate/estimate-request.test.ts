import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RequestToEstimate } from './estimate.ts'
import { estimateRequest } from './estimate-request.ts'

const PNG = `data:image/png;base64,${'iVBORw0KGgo'.repeat(500)}`
const messages = [{ role: 'user', content: 'Hello' }]

function ask(request: unknown, model = 'gpt-5', provider = 'openai'): RequestToEstimate {
  return { provider, model, request }
}

function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? '')
}

const requests = fc.record(
  {
    model: fc.string(),
    messages: fc.array(
      fc.record({ role: fc.string(), content: fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()) }),
    ),
    tools: fc.array(fc.record({ type: fc.constant('function'), function: fc.dictionary(fc.string(), fc.jsonValue()) })),
    temperature: fc.double(),
    metadata: fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()),
    'straße "½"': fc.option(fc.string(), { nil: undefined }),
  },
  { requiredKeys: [] },
)

describe('estimateRequest', () => {
  test('bounds text by its bytes and what a provider adds', () => {
    const estimate = estimateRequest(ask({ model: 'gpt-5', messages }))
    expect(estimate).toMatchObject({ dialect: 'openai-chat', bounded: true, unboundedBy: [], media: [], requests: 1 })
    expect(estimate.inputTokens).toBe(estimate.textTokens + 2_048)
    expect(estimate.textTokens).toBeGreaterThanOrEqual(jsonBytes({ model: 'gpt-5', messages }))
    expect(estimate.textTokens).toBeLessThanOrEqual(jsonBytes({ model: 'gpt-5', messages }) + 20)
  })

  test.each([
    ['nothing', {}, 'none'],
    ['a word of it', { messages: [{ role: 'user', content: 'my cache is full' }] }, 'none'],
    ['a part', { system: [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral' } }] }, '5m'],
    ['a part, for an hour', { tools: [{ name: 't', cache_control: { type: 'ephemeral', ttl: '1h' } }] }, '1h'],
    [
      'one part for an hour, another not',
      { tools: [{ cache_control: { ttl: '1h' } }], system: [{ cache_control: {} }] },
      '1h',
    ],
    ['itself', { cache_control: { type: 'ephemeral' } }, '5m'],
    ['itself, for an hour', { cache_control: { type: 'ephemeral', ttl: '1h' } }, '1h'],
    [
      'an option of the AI SDK',
      { prompt: [{ providerOptions: { anthropic: { cacheControl: { ttl: '1h' } } } }] },
      '1h',
    ],
  ] as const)('tells for how long a request asks Claude to cache %s', (_, more, cacheControl) => {
    const request = { messages, ...more }
    const body = JSON.stringify(request)
    for (const asked of [
      ask(request),
      ask(request),
      { ...ask(request), body },
      { ...ask(request), body: Buffer.from(body) },
    ])
      expect(estimateRequest(asked)).toMatchObject({ cacheControl })
  })

  test('takes what cannot be read for what is dearest', () => {
    expect(estimateRequest(ask({ messages: [{ content: 1n }] }))).toMatchObject({ cacheControl: '1h' })
  })

  test('is never below the bytes of the whole request, known or new, and hardly above', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const bytes = jsonBytes(request)
        const first = estimateRequest(ask(request)).textTokens
        expect(first).toBeGreaterThanOrEqual(bytes)
        expect(estimateRequest(ask(request)).textTokens).toBe(first)
        expect(estimateRequest({ ...ask(request), body: JSON.stringify(request) }).textTokens).toBeGreaterThanOrEqual(
          bytes,
        )
      }),
      { seed: 4, numRuns: 1_000 },
    )
  })

  test.each(['"quoted"\n', '中', 'ab\u0001½', '👍'])('is as exact for a text of any length: %j', (text) => {
    const content = text.repeat(200_000 / text.length)
    const request = { system: content, messages: [{ role: 'user', content, name: 'ann' }] }
    const bytes = jsonBytes(request)
    const { textTokens } = estimateRequest(ask(request))
    expect(textTokens).toBeGreaterThanOrEqual(bytes)
    expect(textTokens).toBeLessThan(bytes + (text.includes('½') ? 400_000 : 200))
  })

  test('takes the JSON of who has it at hand, as text or bytes', () => {
    const request = { model: 'gpt-5', messages: [{ role: 'user', content: 'Größe: ½ 中' }] }
    const body = JSON.stringify(request)
    // NFKC makes five bytes of two.
    const bytes = Buffer.byteLength(body) + 3
    expect(estimateRequest({ ...ask(request), body }).textTokens).toBe(bytes)
    expect(estimateRequest({ ...ask(request), body: Buffer.from(body) }).textTokens).toBe(bytes)
  })

  test('counts images by their rule and not by their bytes', () => {
    const request = (url: string) => ({
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }],
    })
    const image = { kind: 'image', path: 'messages[0].content[0]', tokens: 5_000 }
    const estimate = estimateRequest(ask(request(PNG)))
    expect(estimate.media).toEqual([image])
    expect(estimate.textTokens).toBe(estimateRequest(ask(request(''))).textTokens)
    expect(estimate.inputTokens).toBe(estimate.textTokens + 5_000 + 2_048)
    const sent = estimateRequest({ ...ask(request(PNG)), body: JSON.stringify(request(PNG)) })
    expect(sent.textTokens).toBe(jsonBytes(request('')))
    const strict = estimateRequest(ask(request(PNG)), { media: 'strict' })
    expect(strict.media).toEqual([{ ...image, tokens: PNG.length }])
  })

  test('leaves out the bytes of a medium only where it stands', () => {
    const source = { type: 'base64', media_type: 'image/png', data: 'A'.repeat(3_000) }
    const call = { type: 'tool_use', id: 't', name: 'draw', input: { source } }
    const request = { messages: [{ role: 'user', content: [{ type: 'image', source }, call] }] }
    const { textTokens, media } = estimateRequest(ask(request, 'claude-sonnet-5', 'anthropic'))
    expect(media).toHaveLength(1)
    // The very same object is an image in one place and an argument in the other.
    expect(textTokens).toBeLessThan(3_000)
    const apart = { messages: [{ role: 'user', content: [{ type: 'image', source }, structuredClone(call)] }] }
    expect(estimateRequest(ask(apart, 'claude-sonnet-5', 'anthropic')).textTokens).toBeGreaterThan(3_000)
  })

  test('measures a message again that was changed, however deep, and no other', () => {
    let reads = 0
    const counted = Object.defineProperty({ role: 'user' }, 'content', {
      enumerable: true,
      get: () => `read ${++reads > 0 ? 'again' : ''}`,
    })
    const part = { type: 'text', text: 'a' }
    const request = { messages: [counted, { role: 'user', content: [part] }] }
    const before = estimateRequest(ask(request)).textTokens
    part.text = 'a'.repeat(1_001)
    reads = 0
    expect(estimateRequest(ask(request)).textTokens).toBe(before + 1_000)
    expect(reads).toBe(1)
  })

  test('adds what the provider tells the model of a tool that it defines', () => {
    const own = { messages, max_tokens: 5, tools: [{ name: 'f', input_schema: { type: 'object' } }] }
    const defined = { messages, max_tokens: 5, tools: [...own.tools, { type: 'bash_20250124', name: 'bash' }] }
    const [one, other] = [own, defined].map((request) => estimateRequest(ask(request, 'claude', 'anthropic')))
    expect((other?.inputTokens ?? 0) - (other?.textTokens ?? 0)).toBe(3_048)
    expect((one?.inputTokens ?? 0) - (one?.textTokens ?? 0)).toBe(2_048)
  })

  test('takes another figure for what a provider adds', () => {
    const { inputTokens, textTokens } = estimateRequest(ask({ messages }), { hiddenTokens: 10 })
    expect(inputTokens).toBe(textTokens + 10)
  })

  test('lists all that has no bound, in words for a person', () => {
    const request = {
      model: 'gpt-5',
      previous_response_id: 'resp_1',
      input: [{ role: 'user', content: [{ type: 'input_file', file_url: 'https://x.test/a.pdf' }] }],
      tools: [{ type: 'web_search' }],
    }
    const { bounded, unboundedBy, inputTokens } = estimateRequest(ask(request))
    expect(bounded).toBe(false)
    expect(unboundedBy).toEqual(['tools[0]: web_search', 'previous_response_id', 'input[0].content[0]: file by URL'])
    expect(inputTokens).toBeGreaterThan(20_000)
  })

  test.each([
    ['a shape that we do not know', { query: 'Hello' }],
    ['a part that is no JSON', { messages: [{ role: 'user', content: 1n }] }],
    ['a part that is no JSON', { messages: [cyclic()] }],
    ['a part that is no JSON', { messages, metadata: hostile() }],
    ['a part that cannot be read', hostile()],
  ])('has no bound for %s, and throws at nothing', (why, request) => {
    const estimate = estimateRequest(ask(request))
    expect(estimate).toMatchObject({ bounded: false, unboundedBy: [why] })
    expect(estimate.inputTokens).toBeGreaterThanOrEqual(2_048)
  })

  test('changes nothing of what it is shown', () => {
    const request = deepFrozen({
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: PNG } }] }],
    })
    expect(() => estimateRequest(ask(request))).not.toThrow()
  })

  test('knows a bare text and a bare list of messages', () => {
    expect(estimateRequest(ask('Hello')).textTokens).toBeGreaterThanOrEqual(7)
    expect(estimateRequest(ask(messages))).toMatchObject({ dialect: 'plain', bounded: true, outputCap: undefined })
    expect(
      estimateRequest(ask([{ role: 'user', content: [{ type: 'image_url', image_url: { url: PNG } }] }])).media,
    ).toEqual([{ kind: 'image', path: '[0].content[0]', tokens: 5_000 }])
  })
})

function cyclic(): object {
  const message: Record<string, unknown> = { role: 'user' }
  message.content = message
  return message
}

function hostile(): object {
  const refuse = () => {
    throw new Error('no')
  }
  return new Proxy({}, { get: refuse, ownKeys: refuse })
}

function deepFrozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) deepFrozen(inner)
    Object.freeze(value)
  }
  return value
}
