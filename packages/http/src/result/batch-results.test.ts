import type { UsageReading } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { tapBatchResults } from './batch-results.ts'

const message = (model: string, input_tokens: number, output_tokens: number) => ({
  type: 'message',
  model,
  usage: { input_tokens, output_tokens, service_tier: 'batch' },
})
const succeeded = (one: object) => JSON.stringify({ custom_id: 'a', result: { type: 'succeeded', message: one } })
const failed = (type: string) => JSON.stringify({ custom_id: 'b', result: { type } })

/** What is read of a body that comes in pieces of that size, and what its caller gets. */
async function read(text: string, size: number): Promise<{ said: (UsageReading | undefined)[]; got: string }> {
  const bytes = new TextEncoder().encode(text)
  let at = 0
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      if (at >= bytes.length) return controller.close()
      controller.enqueue(bytes.slice(at, at + size))
      at += size
    },
  })
  const said: (UsageReading | undefined)[] = []
  const tapped = tapBatchResults(new Response(body), 'anthropic', async (reading) => void said.push(reading))
  return { got: await tapped.text(), said }
}

describe('the results of an Anthropic batch', () => {
  const results = [
    succeeded(message('claude-haiku-4-5', 10, 5)),
    failed('errored'),
    succeeded(message('claude-haiku-4-5', 7, 3)),
    succeeded(message('claude-opus-4-5', 1, 2)),
    failed('expired'),
  ].join('\n')

  test.each([1, 7, 64, 100_000])(
    'are handed on as they are, and summed up by model, in pieces of %i bytes',
    async (size) => {
      const { got, said } = await read(`${results}\n`, size)
      expect(got).toBe(`${results}\n`)
      expect(said).toMatchObject([
        {
          model: 'claude-haiku-4-5',
          serviceTier: 'batch',
          usage: { input: 17, output: 8 },
          complete: true,
          others: [{ model: 'claude-opus-4-5', serviceTier: 'batch', usage: { input: 1, output: 2 } }],
        },
      ])
    },
  )

  test('need no line break at their end', async () => {
    expect((await read(results, 64)).said).toMatchObject([{ usage: { input: 17, output: 8 } }])
  })

  test('of which none succeeded used nothing', async () => {
    expect((await read(`${failed('errored')}\n`, 64)).said).toMatchObject([
      { usage: { input: 0, output: 0 }, complete: true },
    ])
  })

  test.each([
    ['is no JSON', 'no json'],
    ['has no result', '{}'],
    ['tells no usage', succeeded({ type: 'message' })],
  ])('of which one %s say nothing', async (_, line) => {
    expect((await read(`${results}\n${line}\n`, 64)).said).toEqual([undefined])
  })
})

test('results that break off say nothing', async () => {
  const body = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new TypeError('terminated')) })
  const said: unknown[] = []
  const tapped = tapBatchResults(new Response(body), 'anthropic', async (reading) => void said.push(reading))
  await expect(tapped.text()).rejects.toThrow('terminated')
  expect(said).toEqual([])
})
