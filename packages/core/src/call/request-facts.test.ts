import { expect, test } from 'vitest'
import { requestFacts } from './request-facts.ts'

const user = { role: 'user', content: 'Hello' }

test.each([
  ['OpenAI chat', { model: 'm', messages: [user], temperature: 0 }, [user], { model: 'm', temperature: 0 }],
  ['OpenAI responses', { model: 'm', instructions: 'Be short', input: 'Hello' }, ['Be short', 'Hello'], { model: 'm' }],
  [
    'OpenAI responses, continued',
    { model: 'm', previous_response_id: 'resp_1', input: [user] },
    ['resp_1', user],
    { model: 'm' },
  ],
  [
    'Anthropic',
    { model: 'm', max_tokens: 9, system: [{ type: 'text', text: 'Be short' }], messages: [user] },
    [{ type: 'text', text: 'Be short' }, user],
    { model: 'm', max_tokens: 9 },
  ],
  [
    'Gemini',
    { systemInstruction: { parts: [] }, contents: [user], generationConfig: {} },
    [{ parts: [] }, user],
    { generationConfig: {} },
  ],
  ['Ollama generate', { model: 'm', system: 'Be short', prompt: 'Hello' }, ['Be short', 'Hello'], { model: 'm' }],
  ['Ollama generate, with images', { prompt: 'What?', images: ['aGk='] }, ['What?', 'aGk='], {}],
  ['Ollama generate, continued', { prompt: 'And?', context: [1, 2] }, [[1, 2], 'And?'], {}],
  ['OpenAI completions', { model: 'm', prompt: 'a', suffix: 'z' }, ['a', 'z'], { model: 'm' }],
  [
    'OpenAI responses, with a stored prompt',
    { prompt: { id: 'p', variables: { city: 'Bonn' } }, input: 'Hello' },
    ['Hello', { id: 'p', variables: { city: 'Bonn' } }],
    {},
  ],
  ['AI SDK', { prompt: [user], maxOutputTokens: 5 }, [user], { maxOutputTokens: 5 }],
])('reads a request of %s', (_, request, conversation, rest) => {
  expect(requestFacts(request)).toEqual({ conversation, rest })
})

test.each([[{ query: 'x', model: 'm' }], ['just text'], [null], [[user]], [new Map()]])(
  'takes %o, which has no known shape, as one message',
  (request) => {
    expect(requestFacts(request)).toEqual({ conversation: [request], rest: {} })
  },
)
