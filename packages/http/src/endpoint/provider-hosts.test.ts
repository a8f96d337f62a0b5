import { waitForUpdate } from '@pydantic/genai-prices'
import { expect, test } from 'vitest'
import { endpointOf } from './endpoint-of.ts'
import { AZURE_ADDRESSES, OPENAI_ADDRESSES } from './testing/openai-addresses.ts'
import { ANTHROPIC_ADDRESSES, COMPATIBLE_ADDRESSES, GOOGLE_ADDRESSES } from './testing/other-addresses.ts'

// They have no prices of their own: a gateway passes on others', the rest is for the caller to say.
const WITHOUT_PRICES = ['ollama', 'huggingface', 'vercel', 'gateway']

const bundled = (await waitForUpdate()) ?? []

test('every host is a provider that prices know, and the one whose prices name that host', () => {
  const rows = [OPENAI_ADDRESSES, AZURE_ADDRESSES, ANTHROPIC_ADDRESSES, COMPATIBLE_ADDRESSES, GOOGLE_ADDRESSES].flat()
  const wrong = rows.flatMap(([request]) => {
    const [method = '', url = ''] = request.split(' ')
    const endpoint = endpointOf({ method, url })
    if (!('provider' in endpoint) || WITHOUT_PRICES.includes(endpoint.provider)) return []
    const listed = bundled.find(({ id }) => id === endpoint.provider)
    const named = bundled.filter(({ api_pattern: pattern }) => new RegExp(`^(?:${pattern})`).test(url))
    const isRight = listed !== undefined && (named.length === 0 || named.includes(listed))
    return isRight ? [] : [`${url}: ${endpoint.provider}`]
  })
  expect(wrong).toEqual([])
})
