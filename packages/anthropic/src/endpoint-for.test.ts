import { expect, test } from 'vitest'
import { endpointFor } from './endpoint-for.ts'

const PROXY = 'http://127.0.0.1:8080'

test('behind a host that nobody knows, the client`s paths are what they are at Anthropic', () => {
  const kindOf = (path: string) => endpointFor('POST', PROXY + path, undefined).kind
  expect(['/v1/messages', '/v1/sessions', '/v1/complete', '/v1/dreams'].map(kindOf)).toEqual([
    'metered',
    'unpriced',
    'unpriced',
    'unpriced',
  ])
  expect([kindOf('/v1/messages/count_tokens'), kindOf('/v1/nothing')]).toEqual(['free', 'unknown'])
})

test('a host or a platform that is known says whose API it is', () => {
  const url = 'https://api.anthropic.com/v1/messages'
  expect(endpointFor('POST', url, undefined)).toMatchObject({ kind: 'metered', provider: 'anthropic' })
  expect(endpointFor('POST', `${PROXY}/v1/messages`, 'azure')).toMatchObject({ kind: 'metered', provider: 'azure' })
})
