import { RunCanceledError, usd } from 'holdfast'
import { describe, expect, onTestFinished, test } from 'vitest'
import { messageEvents } from './fixtures/testing/answers.ts'
import { SDKS } from './fixtures/testing/sdks.ts'
import { ASK, story } from './fixtures/testing/story.ts'

describe.each(SDKS)('$name: a run that is stopped in the middle of an answer', (sdk) => {
  /** The last event comes when the test is over. */
  async function halfway(read: (client: typeof sdk.Anthropic.prototype, stop: () => void) => Promise<unknown>) {
    const over = Promise.withResolvers<void>()
    onTestFinished(() => over.resolve())
    const { client, ledger } = await story(sdk, { answer: () => ({ chunks: messageEvents(), until: over.promise }) })
    const thrown = Promise.withResolvers<unknown>()
    const stop = () => void ledger.runs.cancel('r', 'enough')
    await ledger.run({ id: 'r' }, () => read(client, stop).then(thrown.resolve, thrown.resolve)).catch(() => undefined)
    return thrown.promise
  }

  test('reads the same through a stream and its helper: an error of ours, and of the SDK', async () => {
    const errors = [
      await halfway(async (client, stop) => {
        for await (const _ of await client.messages.create({ ...ASK, stream: true })) stop()
      }),
      await halfway((client, stop) => client.messages.stream(ASK).on('text', stop).finalMessage()),
    ]
    for (const error of errors) {
      expect(RunCanceledError.isInstance(error)).toBe(true)
      expect(error).toBeInstanceOf(sdk.AnthropicError)
    }
  })
})

test.each(SDKS)('$name: a request that must be capped is sent as it was made', async (sdk) => {
  const limits = { limits: { budget: usd('0.01') } }
  const { client, ledger, server } = await story(sdk, { ledger: limits })
  const messages = [...ASK.messages]
  ledger.on('output-capped', () => void messages.push({ role: 'user', content: 'Later.' }))
  await client.messages.create({ ...ASK, messages, max_tokens: 15_000 })
  expect(messages).toHaveLength(ASK.messages.length + 1)
  expect(server.requests.map(({ json }) => json.messages)).toEqual([ASK.messages])
})
