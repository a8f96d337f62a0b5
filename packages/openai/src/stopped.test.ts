import { guardFetch } from '@holdfast/http'
import { ConfigError, type Ledger, RunCanceledError, setDefaultLedger, usd } from 'holdfast'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { chatEvents } from './fixtures/testing/answers.ts'
import { SDKS } from './fixtures/testing/sdks.ts'
import { CHAT, MESSAGES, story } from './fixtures/testing/story.ts'

const REASON = new Error('we gave up: timed out')

/** Never answers, and stops what it is asked for. */
function unanswered(stop: () => unknown): typeof fetch {
  return (_input, init) =>
    new Promise((_, reject) => {
      init?.signal?.addEventListener('abort', () => reject(init.signal?.reason))
      void stop()
    })
}

describe.each(SDKS)('$name: a run that is stopped while its request is under way', (sdk) => {
  async function stopped(stop: (ledger: Ledger, own: AbortController) => unknown, maxRetries: number) {
    const { client, ledger, rows } = await story(sdk, { client: { maxRetries } })
    const own = new AbortController()
    const sent = vi.fn(unanswered(() => stop(ledger, own)))
    let thrown: unknown
    const run = ledger.run({ id: 'r', signal: own.signal }, () =>
      client
        .withOptions({ fetch: sent })
        .chat.completions.create(CHAT)
        .catch((error: unknown) => {
          thrown = error
        }),
    )
    await run.catch(() => undefined)
    expect([sent.mock.calls.length, (await rows()).length]).toEqual([1, 1])
    return thrown
  }

  test.each([0, 2])('says what stopped it, at once, with %i retries', async (maxRetries) => {
    const thrown = await stopped((ledger) => ledger.runs.cancel('r', 'enough'), maxRetries)
    expect(RunCanceledError.isInstance(thrown)).toBe(true)
    expect(thrown).toBeInstanceOf(sdk.OpenAIError)
  })

  test.each([0, 2])('gives the reason of its own signal, with %i retries', async (maxRetries) => {
    expect(await stopped((_, own) => own.abort(REASON), maxRetries)).toBe(REASON)
  })
})

describe.each(SDKS)('$name: a run that is stopped in the middle of an answer', (sdk) => {
  /** What comes after two events comes when the test is over. */
  async function halfway(read: (client: typeof sdk.OpenAI.prototype, stop: () => void) => Promise<unknown>) {
    const over = Promise.withResolvers<void>()
    onTestFinished(() => over.resolve())
    const answer = () => ({ chunks: chatEvents(false), until: over.promise })
    const { client, ledger } = await story(sdk, { answer })
    const thrown = Promise.withResolvers<unknown>()
    const stop = () => void ledger.runs.cancel('r', 'enough')
    await ledger.run({ id: 'r' }, () => read(client, stop).then(thrown.resolve, thrown.resolve)).catch(() => undefined)
    return thrown.promise
  }

  test('reads the same through a stream and its helper: an error of ours, and of the SDK', async () => {
    const errors = [
      await halfway(async (client, stop) => {
        for await (const _ of await client.chat.completions.create({ ...CHAT, stream: true })) stop()
      }),
      await halfway((client, stop) => client.chat.completions.stream(CHAT).on('chunk', stop).finalContent()),
    ]
    for (const error of errors) {
      expect(RunCanceledError.isInstance(error)).toBe(true)
      expect(error).toBeInstanceOf(sdk.OpenAIError)
    }
  })
})

describe.each(SDKS)('$name', (sdk) => {
  test('a request that must be capped is sent as it was made, whatever becomes of its messages', async () => {
    const { client, ledger, server } = await story(sdk, { ledger: { limits: { budget: usd('0.05') } } })
    const messages = [...MESSAGES]
    ledger.on('output-capped', () => void messages.push({ role: 'user', content: 'Later.' }))
    await client.chat.completions.create({ model: 'gpt-5', messages })
    expect(messages).toHaveLength(2)
    expect(server.requests.map(({ json }) => json.messages)).toEqual([MESSAGES])
    expect(server.requests[0]?.json.max_completion_tokens).toBeGreaterThan(0)
  })

  test('where no default ledger can be made, nothing that is billed is sent, and what is free is', async () => {
    vi.stubEnv('HOLDFAST_DB_URL', 'bogus://x')
    setDefaultLedger(undefined)
    onTestFinished(() => void vi.unstubAllEnvs())
    const { server } = await story(sdk, { answer: () => ({ json: { data: [] } }) })
    const client = new sdk.OpenAI({ apiKey: 'k', baseURL: server.url })
    for (const path of ['/chat/completions', '/nothing']) {
      const error = await client.post(path, { body: CHAT }).catch((thrown: unknown) => thrown)
      expect(ConfigError.isInstance(error)).toBe(true)
      expect(error).toBeInstanceOf(sdk.OpenAIError)
    }
    expect(server.requests).toEqual([])
    await client.models.list()
    expect(server.requests).toHaveLength(1)
  })

  test('what nobody knows is told once, also through a guarded fetch', async () => {
    const { client, ledger, server } = await story(sdk)
    const told = vi.fn()
    ledger.on('request-unmetered', told)
    await client.withOptions({ fetch: guardFetch(ledger) }).post('/nothing', { body: {} })
    expect([told.mock.calls.length, server.requests.length]).toEqual([1, 1])
  })
})
