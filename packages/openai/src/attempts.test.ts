import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { HoldfastError, ManualClock, usd } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { answerTo, chat, chatEvents } from './fixtures/testing/answers.ts'
import type { Answer } from './fixtures/testing/replay-server.ts'
import { SDKS } from './fixtures/testing/sdks.ts'
import { CHAT, story } from './fixtures/testing/story.ts'

setFlagsFromString('--expose_gc')
const collectGarbage: () => void = runInNewContext('gc')

const PAUSE_MS = 12_345
const WAIT = { initialMs: PAUSE_MS, maxMs: PAUSE_MS, jitter: 0 }

/** Tells when something first waits for so long. */
class WatchedClock extends ManualClock {
  readonly #first = Promise.withResolvers<void>()
  readonly waited = this.#first.promise

  override sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms === PAUSE_MS) this.#first.resolve()
    return super.sleep(ms, signal)
  }
}

const AT_ONCE = { 'retry-after-ms': '1' }
const BUDGET = { limits: { budget: usd(1) } }
const OVERLOADED: Answer = { status: 500, headers: AT_ONCE, json: { error: { message: 'overloaded' } } }

/** The first answers are these, then it is an ordinary one. */
const first = (...answers: Answer[]) => ({
  answer: (...[heard, index]: Parameters<typeof answerOf>) => answerOf(heard, index, answers),
})

function answerOf(heard: Parameters<typeof answerTo>[0], index: number, answers: readonly Answer[] = []): Answer {
  return answers[index] ?? answerTo(heard)
}

describe.each(SDKS)('$name: one row for each attempt', (sdk) => {
  test('500, 500, 200: the first two cost nothing', async () => {
    const { client, server, rows } = await story(sdk, first(OVERLOADED, OVERLOADED))
    expect(await client.chat.completions.create(CHAT)).toMatchObject(chat('Hello there'))
    expect(server.requests.map(({ headers }) => headers['x-stainless-retry-count'])).toEqual(['0', '1', '2'])
    expect((await rows()).map(({ status, cost }) => [status, cost?.status])).toEqual([
      ['failed', 'released'],
      ['failed', 'released'],
      ['succeeded', 'settled'],
    ])
  })

  test('429, 200', async () => {
    const { client, rows } = await story(sdk, first({ ...OVERLOADED, status: 429 }))
    await client.chat.completions.create(CHAT)
    expect((await rows()).map(({ status }) => status)).toEqual(['failed', 'succeeded'])
  })

  test('an error of the provider is what the bare client throws', async () => {
    const failing = { answer: () => OVERLOADED, client: { maxRetries: 0 } }
    const { client, bare, rows } = await story(sdk, failing)
    const [ours, theirs] = await Promise.all(
      [client, bare].map((one) => one.chat.completions.create(CHAT).catch((e) => e)),
    )
    expect(ours).toBeInstanceOf(sdk.InternalServerError)
    expect({ ...ours, headers: 0 }).toEqual({ ...theirs, headers: 0 })
    expect(ours.message).toBe(theirs.message)
    expect(await rows()).toMatchObject([{ status: 'failed', cost: { status: 'released' } }])
  })

  test('a connection that breaks before an answer is charged in full, and asked again', async () => {
    const { client, rows } = await story(sdk, { ...first({ reset: 'before' }), ledger: BUDGET })
    await client.chat.completions.create(CHAT)
    expect((await rows()).map(({ status, cost }) => [status, cost?.status])).toEqual([
      ['failed', 'charged'],
      ['succeeded', 'settled'],
    ])
  })

  test('a stream that breaks off fails as the bare client`s, and is settled by what was seen', async () => {
    const broken: Answer = { chunks: chatEvents(false).slice(0, 2), reset: 'after' }
    const { client, bare, rows } = await story(sdk, { answer: () => broken, ledger: BUDGET })
    const read = async (one: typeof client) => {
      for await (const _ of await one.chat.completions.create({ ...CHAT, stream: true }));
    }
    const [ours, theirs] = await Promise.all([client, bare].map((one) => read(one).catch((error) => error)))
    expect([ours.constructor, ours.message]).toEqual([theirs.constructor, theirs.message])
    expect(await rows()).toMatchObject([{ cost: { status: 'settled', estimated: true } }])
  })

  test('a request that times out is an attempt of its own', async () => {
    const never = new Promise<void>(() => {})
    const { client, rows } = await story(sdk, { ...first({ chunks: [], until: never }), client: { timeout: 300 } })
    const silent = { ...CHAT, stream: false as const }
    expect(await client.chat.completions.create(silent)).toMatchObject(chat('Hello there'))
    expect((await rows()).map(({ status }) => status).at(-1)).toBe('succeeded')
    expect(await rows()).toHaveLength(2)
  })

  test('break and abort end a stream, and settle it', async () => {
    const { client, rows } = await story(sdk, {
      answer: () => ({ chunks: chatEvents(false).slice(0, 2), until: new Promise(() => {}) }),
      ledger: BUDGET,
    })
    for await (const _ of await client.chat.completions.create({ ...CHAT, stream: true })) break
    const aborted = await client.chat.completions.create({ ...CHAT, stream: true })
    for await (const _ of aborted) aborted.controller.abort()
    const caller = new AbortController()
    const untouched = await client.chat.completions.create({ ...CHAT, stream: true }, { signal: caller.signal })
    caller.abort()
    for await (const _ of untouched) expect.unreachable()
    await expect
      .poll(async () => (await rows()).map(({ cost }) => cost?.status), { timeout: 10_000 })
      .toEqual(['settled', 'settled', 'settled'])
  })

  test('a request that is aborted before it is sent holds nothing', async () => {
    const { client, server, ledger, rows } = await story(sdk, { ledger: BUDGET })
    const caller = new AbortController()
    const refused = client.chat.completions.create(CHAT, { signal: caller.signal }).catch((error) => error)
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
      answer: () => ({ chunks: chatEvents(true), until: answered.promise }),
      ledger: { limits: { budget: usd('0.05') }, waitForBudget: WAIT, clock },
    })
    const first = await client.chat.completions.create({ ...CHAT, stream: true })
    const caller = new AbortController()
    const second = client.chat.completions.create(CHAT, { signal: caller.signal }).catch((error) => error)
    await clock.waited
    caller.abort()
    expect(await second).toBeInstanceOf(sdk.APIUserAbortError)
    answered.resolve()
    for await (const _ of first);
    // The wait itself goes on, and gives back what it gets.
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
    const { client, ledger, server } = await story(sdk, { ledger: BUDGET })
    const broken = client as unknown as { _provider: object }
    broken._provider = { prepareRequest: () => Promise.reject(new Error('no credentials')) }
    await ledger.run({ id: 'r' }, async (run) => {
      await expect(client.chat.completions.create(CHAT)).rejects.toThrow('no credentials')
      expect((await run.usage()).held).toBe(0)
    })
    expect(server.requests).toEqual([])
  })

  test('requests that are made of one object at a time do not end each other', async () => {
    const { client, rows } = await story(sdk)
    const first = Promise.withResolvers<void>()
    let prepared = 0
    const signing = client as unknown as { _provider: object }
    signing._provider = { prepareRequest: () => (prepared++ === 0 ? undefined : first.promise) }
    const options = { method: 'post' as const, path: '/chat/completions', body: CHAT }
    const one = client.request(options).then(() => first.resolve())
    await Promise.all([one, client.request(options)])
    expect((await rows()).map(({ cost }) => cost?.status)).toEqual(['settled', 'settled'])
  })

  test('a request that is prepared and lost gives back what it held', async () => {
    const { client, ledger, server, rows } = await story(sdk, { ledger: BUDGET })
    const prepare = async () => {
      const { prepareRequest } = client as unknown as { prepareRequest(request: object, place: object): Promise<void> }
      const request = { headers: new Headers(), body: JSON.stringify(CHAT) }
      const options = { method: 'post', path: '/chat/completions', body: CHAT }
      await prepareRequest.call(client, request, { url: `${server.url}/chat/completions`, options })
      return (await rows()).map(({ cost }) => cost?.status)
    }
    await ledger.run({ id: 'r' }, async () => {
      expect(await prepare()).toEqual(['open'])
      await expect
        .poll(
          async () => {
            collectGarbage()
            return (await rows()).map(({ cost }) => cost?.status)
          },
          { timeout: 10_000 },
        )
        .toEqual(['released'])
    })
  })

  test('nothing that a client lets fall is an unhandled rejection of ours', async () => {
    const { client } = await story(sdk, { answer: () => ({ reset: 'before' }), client: { maxRetries: 0 } })
    const seen: unknown[] = []
    const listener = (error: unknown) => seen.push(error)
    process.on('unhandledRejection', listener)
    await client.chat.completions.create(CHAT).catch(() => undefined)
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', listener)
    expect(seen.filter((error) => HoldfastError.isInstance(error))).toEqual([])
    expect(seen).toEqual([])
  })
})
