import type { Middleware } from '@anthropic-ai/sdk'
import { HoldfastError, ManualClock, usd } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { answerTo, ERROR_EVENT, INPUT_TOKENS, message, messageEvents } from './fixtures/testing/answers.ts'
import type { Answer, Heard } from './fixtures/testing/replay-server.ts'
import { SDKS } from './fixtures/testing/sdks.ts'
import { ASK, outcomes, story } from './fixtures/testing/story.ts'
import { guardAnthropic } from './guard-anthropic.ts'

const PAUSE_MS = 12_345
const WAIT = { initialMs: PAUSE_MS, maxMs: PAUSE_MS, jitter: 0 }
const BUDGET = { limits: { budget: usd(1) } }
const ERROR = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }
const OVERLOADED: Answer = { status: 529, headers: { 'retry-after-ms': '1' }, json: ERROR }
const BEGUN = messageEvents().slice(0, 5)

/** Tells when something first waits for so long. */
class WatchedClock extends ManualClock {
  readonly #first = Promise.withResolvers<void>()
  readonly waited = this.#first.promise

  override sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms === PAUSE_MS) this.#first.resolve()
    return super.sleep(ms, signal)
  }
}

/** The first answers are these, then it is an ordinary one. */
function first(...answers: Answer[]): { answer: (heard: Heard, index: number) => Answer } {
  return { answer: (heard, index) => answers[index] ?? answerTo(heard) }
}

describe.each(SDKS)('$name: one row for each attempt', (sdk) => {
  test('529, 529, 200: the first two cost nothing', async () => {
    const { client, server, rows } = await story(sdk, first(OVERLOADED, OVERLOADED))
    expect(await client.messages.create(ASK)).toMatchObject(message('Hello there'))
    expect(server.requests.map(({ headers }) => headers['x-stainless-retry-count'])).toEqual(['0', '1', '2'])
    expect(outcomes(await rows())).toEqual([
      ['failed', 'released'],
      ['failed', 'released'],
      ['succeeded', 'settled'],
    ])
  })

  test('an error of the provider is what the bare client throws', async () => {
    const failing = { answer: () => OVERLOADED, client: { maxRetries: 0 } }
    const { client, bare, rows } = await story(sdk, failing)
    const [ours, theirs] = await Promise.all([client, bare].map((one) => one.messages.create(ASK).catch((e) => e)))
    expect(ours.constructor).toBe(theirs.constructor)
    expect({ ...ours, headers: 0 }).toEqual({ ...theirs, headers: 0 })
    expect(ours.message).toBe(theirs.message)
    expect(await rows()).toMatchObject([{ status: 'failed', cost: { status: 'released' } }])
  })

  test('a connection that breaks before an answer is charged in full, and asked again', async () => {
    const { client, rows } = await story(sdk, { ...first({ reset: 'before' }), ledger: BUDGET })
    await client.messages.create(ASK)
    expect(outcomes(await rows())).toEqual([
      ['failed', 'charged'],
      ['succeeded', 'settled'],
    ])
  })

  test('a connection that never comes about ends as the bare client`s', async () => {
    const never = { answer: () => ({ reset: 'before' as const }), client: { maxRetries: 0 } }
    const { client, bare } = await story(sdk, never)
    const [ours, theirs] = await Promise.all([client, bare].map((one) => one.messages.create(ASK).catch((e) => e)))
    expect([ours.constructor, ours.message]).toEqual([theirs.constructor, theirs.message])
    expect(ours).toBeInstanceOf(sdk.APIConnectionError)
  })

  test('a stream that breaks off fails as the bare client`s, and is settled by what was seen', async () => {
    const broken: Answer = { chunks: BEGUN, reset: 'after' }
    const { client, bare, rows } = await story(sdk, { answer: () => broken, ledger: BUDGET })
    const read = async (one: typeof client) => {
      for await (const _ of await one.messages.create({ ...ASK, stream: true }));
    }
    const [ours, theirs] = await Promise.all([client, bare].map((one) => read(one).catch((error) => error)))
    expect([ours.constructor, ours.message]).toEqual([theirs.constructor, theirs.message])
    expect(await rows()).toMatchObject([{ cost: { status: 'settled', estimated: true } }])
  })

  test('an error within a stream is the bare client`s, and what went in is charged', async () => {
    const { client, bare, rows } = await story(sdk, { answer: () => ({ chunks: [...BEGUN, ERROR_EVENT] }) })
    const read = async (one: typeof client) => {
      for await (const _ of await one.messages.create({ ...ASK, stream: true }));
    }
    const [ours, theirs] = await Promise.all([client, bare].map((one) => read(one).catch((error) => error)))
    expect([ours.constructor, ours.message]).toEqual([theirs.constructor, theirs.message])
    const [row] = await rows()
    expect(row?.cost?.tokens).toBeGreaterThanOrEqual(INPUT_TOKENS)
  })

  test('a request that times out is an attempt of its own', async () => {
    const { client, rows } = await story(sdk, { ...first({ silent: true }), client: { timeout: 300 } })
    expect(await client.messages.create(ASK)).toMatchObject(message('Hello there'))
    expect((await rows()).map(({ status }) => status)).toEqual(['failed', 'succeeded'])
  })

  test('break and abort end a stream, and keep the exact input', async () => {
    const { client, rows } = await story(sdk, {
      answer: () => ({ chunks: BEGUN, until: new Promise(() => {}) }),
      ledger: BUDGET,
    })
    for await (const { type } of await client.messages.create({ ...ASK, stream: true }))
      if (type === 'content_block_delta') break
    const aborted = await client.messages.create({ ...ASK, stream: true })
    for await (const { type } of aborted) if (type === 'content_block_delta') aborted.controller.abort()
    const caller = new AbortController()
    const untouched = await client.messages.create({ ...ASK, stream: true }, { signal: caller.signal })
    caller.abort()
    for await (const _ of untouched) expect.unreachable()
    const settled = async () => (await rows()).map(({ cost }) => cost?.status)
    await expect.poll(settled, { timeout: 10_000 }).toEqual(['settled', 'settled', 'settled'])
    const [broken, stopped] = await rows()
    for (const row of [broken, stopped]) {
      expect(row?.cost?.tokens).toBeGreaterThan(INPUT_TOKENS)
      expect(row?.cost?.tokens).toBeLessThan(INPUT_TOKENS + 12)
    }
  })

  test('a stream that is left is read on where that is asked for, and charged by what it says', async () => {
    const rest = Promise.withResolvers<void>()
    const answer = () => ({ chunks: messageEvents(), until: rest.promise })
    const { client, rows } = await story(sdk, { answer, client: { onStreamAbort: 'drain' }, ledger: BUDGET })
    for await (const _ of await client.messages.create({ ...ASK, stream: true })) break
    rest.resolve()
    const settled = async () => (await rows()).map(({ cost }) => [cost?.status, cost?.tokens, cost?.estimated])
    await expect.poll(settled, { timeout: 10_000 }).toEqual([['settled', 42, false]])
  })

  test.each(['enough', 'the shift timed out'])(
    'a run that ends (%s) ends its requests, and those to come',
    async (why) => {
      let attempts = 0
      const counting: Middleware = (request, next) => {
        attempts += 1
        return next(request)
      }
      const client = { middleware: [counting] }
      const told = await story(sdk, { answer: () => ({ silent: true }), ledger: BUDGET, client })
      const [ending, reason] = [new AbortController(), new Error(why)]
      const caught: unknown[] = []
      const ask = () => told.client.messages.create(ASK).catch((error: unknown) => caught.push(error))
      const run = told.ledger.run({ id: 'r', signal: ending.signal }, async () => [await ask(), await ask()])
      await expect.poll(() => told.server.requests.length).toBe(1)
      ending.abort(reason)
      await expect(run).rejects.toThrow()
      await expect.poll(() => caught.length).toBe(2)
      expect([attempts, told.server.requests.length]).toEqual([2, 1])
      expect(await told.rows()).toMatchObject([{ status: 'lost', cost: { status: 'charged' } }])
    },
  )

  test('a request that is aborted before it is sent holds nothing', async () => {
    const { client, server, ledger, rows } = await story(sdk, { ledger: BUDGET })
    const caller = new AbortController()
    const refused = client.messages.create(ASK, { signal: caller.signal }).catch((error) => error)
    caller.abort()
    expect(await refused).toBeInstanceOf(sdk.APIUserAbortError)
    expect(server.requests).toEqual([])
    await expect.poll(async () => (await rows()).filter(({ cost }) => cost?.status === 'open')).toEqual([])
    expect((await ledger.verify()).problems).toEqual([])
  })

  test('an abort ends a wait for budget, as the bare client says it, and holds nothing', async () => {
    const clock = new WatchedClock()
    const answered = Promise.withResolvers<void>()
    const { client, server, ledger, rows } = await story(sdk, {
      answer: () => ({ chunks: messageEvents().slice(0, 2), until: answered.promise }),
      ledger: { limits: { budget: usd('0.004') }, waitForBudget: WAIT, clock },
    })
    const held = await client.messages.create({ ...ASK, stream: true })
    const caller = new AbortController()
    const second = client.messages.create(ASK, { signal: caller.signal }).catch((error) => error)
    await clock.waited
    caller.abort()
    expect(await second).toBeInstanceOf(sdk.APIUserAbortError)
    answered.resolve()
    for await (const _ of held);
    await expect
      .poll(async () => {
        await clock.advance(100)
        return (await rows()).map(({ cost }) => cost?.status)
      })
      .toEqual(['settled', 'released'])
    expect(server.requests).toHaveLength(1)
    expect((await ledger.verify()).problems).toEqual([])
  })

  test('an attempt whose request cannot be authenticated gives back what it held, at once', async () => {
    class Broken extends sdk.Bare {
      protected override async prepareRequest(): Promise<void> {
        throw new Error('no credentials')
      }
    }
    const { ledger, server, rows } = await story(sdk, { ledger: BUDGET })
    const client = guardAnthropic(ledger, new Broken({ apiKey: 'k', baseURL: server.url, maxRetries: 0 }))
    await ledger.run({ id: 'r' }, async (run) => {
      await expect(client.messages.create(ASK)).rejects.toMatchObject({ cause: { message: 'no credentials' } })
      expect((await run.usage()).held).toBe(0)
    })
    expect(outcomes(await rows())).toEqual([['failed', 'released']])
    expect(server.requests).toEqual([])
  })

  test('nothing that a client lets fall is an unhandled rejection of ours', async () => {
    const { client } = await story(sdk, { answer: () => ({ reset: 'before' }), client: { maxRetries: 0 } })
    const seen: unknown[] = []
    const listener = (error: unknown) => seen.push(error)
    process.on('unhandledRejection', listener)
    await client.messages.create(ASK).catch(() => undefined)
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', listener)
    expect(seen.filter((error) => HoldfastError.isInstance(error))).toEqual([])
    expect(seen).toEqual([])
  })
})
