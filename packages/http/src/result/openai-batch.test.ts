import { expect, test } from 'vitest'
import { batchReading } from './openai-batch.ts'

const USAGE = {
  input_tokens: 100,
  input_tokens_details: { cached_tokens: 40 },
  output_tokens: 20,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 120,
}

const read = (batch: unknown) => batchReading(new TextEncoder().encode(JSON.stringify(batch)), 'openai')

test.each(['completed', 'expired', 'cancelled'])(
  'a batch that is %s tells what it used, at the price of a batch',
  (status) => {
    const reading = read({ object: 'batch', status, model: 'gpt-4o-mini', usage: USAGE })
    expect(reading).toMatchObject({ model: 'gpt-4o-mini', serviceTier: 'batch', complete: true })
    expect(reading?.usage).toMatchObject({ input: 60, cacheRead: 40, output: 20 })
  },
)

test.each(['validating', 'in_progress', 'finalizing', 'cancelling'])('a batch that is %s is not over', (status) => {
  expect(read({ object: 'batch', status, usage: USAGE })).toBeUndefined()
})

test('a batch of which nothing came used nothing', () => {
  const nothing = { usage: { input: 0, output: 0 }, complete: true }
  expect(read({ status: 'failed' })).toMatchObject(nothing)
  expect(read({ status: 'cancelled', request_counts: { completed: 0, failed: 3, total: 3 } })).toMatchObject(nothing)
  expect(read({ status: 'expired', request_counts: { completed: 1, failed: 0, total: 3 } })).toBeUndefined()
})

test('what is no batch tells nothing', () => {
  expect(batchReading(undefined, 'openai')).toBeUndefined()
  expect(batchReading(new TextEncoder().encode('no json'), 'openai')).toBeUndefined()
  expect(read(null)).toBeUndefined()
  expect(read('completed')).toBeUndefined()
})
