import { describe, expect, test } from 'vitest'
import { endpointOf } from './endpoint-of.ts'
import { type AddressCase, describeEndpoint } from './testing/address-case.ts'
import { AZURE_ADDRESSES, OPENAI_ADDRESSES } from './testing/openai-addresses.ts'
import {
  ANTHROPIC_ADDRESSES,
  COMPATIBLE_ADDRESSES,
  GOOGLE_ADDRESSES,
  OWN_ADDRESSES,
} from './testing/other-addresses.ts'

function endpointFor(request: string, provider?: string): string {
  const [method = '', url = ''] = request.split(' ')
  return describeEndpoint(endpointOf({ method, url, provider }))
}

describe.each<[string, readonly AddressCase[]]>([
  ['OpenAI', OPENAI_ADDRESSES],
  ['Azure', AZURE_ADDRESSES],
  ['Anthropic', ANTHROPIC_ADDRESSES],
  ['Google', GOOGLE_ADDRESSES],
  ['Bedrock, Ollama and compatible hosts', COMPATIBLE_ADDRESSES],
  ['hosts of one’s own', OWN_ADDRESSES],
])('%s', (_whose, cases) => {
  const named = cases.map(([request, endpoint, provider]) => ({ request, endpoint, provider }))
  test.each(named)('$request is $endpoint', ({ request, endpoint, provider }) => {
    expect(endpointFor(request, provider)).toBe(endpoint)
  })
})

test('an endpoint is the same the second time, and after many others', () => {
  const asked = 'GET https://api.openai.com/v1/responses/resp_1'
  const first = endpointFor(asked)
  expect(endpointFor(asked)).toBe(first)
  for (let other = 0; other < 1_000; other += 1)
    expect(endpointFor(`${asked}${other}`)).toBe(`result openai responses.retrieve openai-responses id=resp_1${other}`)
  expect(endpointFor(asked)).toBe(first)
})

test('what one provider is asked for says nothing of another with the same address', () => {
  const asked = 'POST http://proxy.test/v1/chat/completions'
  expect(endpointFor(asked, 'groq')).toContain('metered groq')
  expect(endpointFor(asked, 'mistral')).toContain('metered mistral')
  expect(endpointFor(asked)).toContain('metered openai')
})
