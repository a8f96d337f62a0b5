import { describe, expect, test } from 'vitest'
import { fieldsOf, itemsOf } from '../usage/fields.ts'
import { hasRecordedAnswers, recordedAnswers, recordedStreams } from '../usage/testing/recorded-answers.ts'
import type { Fields } from '../usage/usage-reading.ts'
import { estimateRequest } from './estimate-request.ts'
import { textBound } from './text-bound.ts'

const image = (bytes: number) => 'iVBORw0K'.repeat(bytes / 8)
const weather = { type: 'object', properties: { location: { type: 'string', description: 'The city and state' } } }

/** Small requests, and what their providers' references or bills say that they counted as input. */
const billed: [string, string, string, unknown, number][] = [
  [
    'OpenAI chat',
    'openai',
    'gpt-5.4',
    {
      messages: [
        { role: 'developer', content: 'You are a helpful assistant.' },
        { role: 'user', content: 'Hello!' },
      ],
    },
    19,
  ],
  [
    'OpenAI chat with a tool',
    'openai',
    'gpt-5.4',
    {
      messages: [{ role: 'user', content: 'What is the weather like in Boston today?' }],
      tools: [{ type: 'function', function: { name: 'get_current_weather', parameters: weather } }],
    },
    82,
  ],
  [
    'OpenAI chat with a small image at 33 times the rate',
    'openai',
    'gpt-4o-mini',
    {
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image_url', image_url: { url: `data:image/png;base64,${image(400)}`, detail: 'high' } },
          ],
        },
      ],
    },
    8_512,
  ],
  [
    'OpenAI chat with a large image',
    'openai',
    'gpt-4o',
    {
      messages: [
        {
          role: 'user',
          content: [{ type: 'image_url', image_url: { url: `data:image/png;base64,${image(80_000)}` } }],
        },
      ],
    },
    1_445,
  ],
  ['OpenAI completions', 'openai', 'gpt-3.5-turbo-instruct', { prompt: 'Say this is a test', max_tokens: 7 }, 5],
  ['OpenAI responses', 'openai', 'gpt-5.4', { input: 'Tell me a three sentence bedtime story about a unicorn.' }, 36],
  [
    'OpenAI responses with what the provider adds for a professional',
    'openai',
    'gpt-5.4',
    { input: 'Hi', reasoning: { mode: 'pro' } },
    1_100,
  ],
  [
    'OpenAI embeddings',
    'openai',
    'text-embedding-3-small',
    { input: ['sunny day at the beach', 'rainy day in the city'] },
    12,
  ],
  [
    'Anthropic',
    'anthropic',
    'claude-opus-5',
    { max_tokens: 64, system: 'You are a scientist', messages: [{ role: 'user', content: 'Hello, Claude' }] },
    14,
  ],
  [
    'Anthropic with a tool',
    'anthropic',
    'claude-opus-5',
    {
      max_tokens: 64,
      tools: [{ name: 'get_weather', description: 'Get the weather', input_schema: weather }],
      messages: [{ role: 'user', content: 'What is the weather like in San Francisco?' }],
    },
    602,
  ],
  [
    'Anthropic with an image',
    'anthropic',
    'claude-opus-5',
    {
      max_tokens: 64,
      messages: [
        {
          role: 'user',
          content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: image(40_000) } }],
        },
      ],
    },
    4_784,
  ],
  [
    'Anthropic with all tools that it defines',
    'anthropic',
    'claude-opus-4-5',
    {
      max_tokens: 64,
      tools: ['bash_20250124', 'text_editor_20250728', 'computer_20250124'].map((type) => ({ type, name: type })),
      messages: [{ role: 'user', content: 'Hi' }],
    },
    2_540,
  ],
  [
    'Gemini',
    'google',
    'gemini-3.5-flash',
    { contents: [{ parts: [{ text: 'The quick brown fox jumps over the lazy dog.' }] }] },
    10,
  ],
  [
    'Gemini with a minute of audio',
    'google',
    'gemini-3.5-flash',
    { contents: [{ parts: [{ inlineData: { mimeType: 'audio/mp3', data: image(640_000) } }] }] },
    1_920,
  ],
  ['Ollama', 'ollama', 'llama4', { messages: [{ role: 'user', content: 'Why is the sky blue?' }] }, 26],
  ['AI SDK', 'openai.chat', 'gpt-5.4', { prompt: [{ role: 'user', content: [{ type: 'text', text: 'Hello!' }] }] }, 9],
  ['a bare text', 'openai', 'gpt-5.4', 'Hello!', 9],
  ['a normalising tokenizer', 'acme', 'acme-1', { messages: [{ role: 'user', content: 'ﷺ'.repeat(1_000) }] }, 33_007],
]

describe('a bounded request', () => {
  test.each(billed)('never comes to more than its estimate: %s', (_, provider, model, request, tokens) => {
    const estimate = estimateRequest({ provider, model, request })
    expect(estimate).toMatchObject({ bounded: true, unboundedBy: [] })
    expect(estimate.inputTokens).toBeGreaterThanOrEqual(tokens)
  })
})

/** What was asked, as far as the answer repeats it: the conversation is missing, so that the real bound was higher. */
function repeatedRequest(body: Fields): Fields {
  const { model, instructions, tools, reasoning, text, max_output_tokens, previous_response_id } = body
  return { model, instructions, tools, reasoning, text, max_output_tokens, previous_response_id, input: [] }
}

function finalResponses(): [string, Fields][] {
  const bodies = recordedAnswers('openai-responses').map(({ name, body }): [string, Fields] => [name, body])
  const streamed = recordedStreams('openai-responses').map(({ name, events }): [string, Fields] => {
    return [`${name}, streamed`, fieldsOf(fieldsOf(events.at(-1)).response)]
  })
  // One recording left out the tools, one is an error.
  return [...bodies, ...streamed].filter(([, body]) => Array.isArray(body.tools) && body.usage)
}

/** The tools that an answer of Anthropic's shows to have been there. */
function shownTools(body: Fields): Fields[] {
  return itemsOf(body.content).flatMap(({ type, name }): Fields[] => {
    if (type === 'server_tool_use') return [{ type: `${name}_20250305`, name }]
    if (type === 'mcp_tool_use') return [{ type: 'mcp_toolset' }]
    return type === 'tool_use' ? [{ name, input_schema: { type: 'object' } }] : []
  })
}

describe.skipIf(!hasRecordedAnswers)(
  'recorded answers (skipped where HOLDFAST_FIXTURES names no folder of them)',
  () => {
    test('came to no more than the estimate of what they repeat of their request, unless that has no bound', () => {
      const responses = finalResponses()
      const seen = responses.map(([name, body]) => {
        const { model } = body
        const estimate = estimateRequest({ provider: 'openai', model: String(model), request: repeatedRequest(body) })
        const { input_tokens: tokens } = fieldsOf(body.usage)
        if (estimate.bounded) expect([name, estimate.inputTokens >= Number(tokens)]).toEqual([name, true])
        return estimate.bounded
      })
      expect(seen.filter((bounded) => bounded).length).toBeGreaterThanOrEqual(8)
      expect(seen.filter((bounded) => !bounded).length).toBeGreaterThanOrEqual(8)
    })

    test('that searched, ran code or called servers were of requests without a bound', () => {
      const bodies = recordedAnswers('anthropic-messages').filter(({ body }) => body.usage)
      for (const { name, body } of bodies) {
        const request = { max_tokens: 1, messages: [], tools: shownTools(body) }
        const { bounded, inputTokens } = estimateRequest({ provider: 'anthropic', model: String(body.model), request })
        const { input_tokens: tokens } = fieldsOf(body.usage)
        expect([name, bounded]).toEqual([name, !/web-search|mcp|code-execution/.test(name)])
        if (bounded) expect(inputTokens).toBeGreaterThanOrEqual(Number(tokens))
      }
      expect(bodies.length).toBeGreaterThanOrEqual(7)
    })

    test('wrote no more tokens than bytes, unless they keep back what they wrote', () => {
      const written = [
        ...recordedAnswers('openai-chat').map(({ body }) => [fieldsOf(body.usage).completion_tokens, body.choices]),
        ...finalResponses().map(([, { usage, output }]) => {
          const { output_tokens: tokens, output_tokens_details: details } = fieldsOf(usage)
          return [Number(tokens) - Number(fieldsOf(details).reasoning_tokens), output]
        }),
        ...recordedAnswers('anthropic-messages')
          .filter(({ name }) => name !== 'anthropic-refusal')
          .map(({ body }) => [fieldsOf(body.usage).output_tokens, body.content]),
      ]
      for (const [tokens, output] of written) {
        expect(textBound(JSON.stringify(output))).toBeGreaterThanOrEqual(Number(tokens))
      }
      expect(written.length).toBeGreaterThanOrEqual(20)
    })
  },
)
