import Anthropic from '@anthropic-ai/sdk'
import { BudgetExceededError, type HoldfastError, usd } from 'holdfast'
import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { deniedBy } from './exchange/denial.ts'
import { chunks, completion, message, messageEvents } from './exchange/testing/bodies.ts'
import { anthropic, CLAUDE, callsOf, openai, SAY_HI, testLedger, wordsOf } from './exchange/testing/guarded.ts'
import { events, json, modelServer } from './exchange/testing/model-server.ts'
import { guardFetch } from './guard-fetch.ts'

describe('a model request through a guarded fetch', () => {
  test('is one call of the run that it is made in', async () => {
    const ledger = testLedger()
    const server = await modelServer(json(completion('Hi.')), json(message('Hello.')))
    await ledger.run({ id: 'r' }, async () => {
      const { data, response, request_id } = await openai(server, ledger).chat.completions.create(SAY_HI).withResponse()
      expect(data.choices[0]?.message.content).toBe('Hi.')
      expect(response.url).toBe(`${server.url}/v1/chat/completions`)
      expect(request_id).toBe('req_1')
      expect((await anthropic(server, ledger).messages.create(CLAUDE)).content).toMatchObject([{ text: 'Hello.' }])
    })
    expect(await callsOf(ledger)).toMatchObject([
      { runId: 'r', provider: 'openai', model: 'gpt-4o-mini', status: 'succeeded', request: SAY_HI },
      { runId: 'r', provider: 'anthropic', model: 'claude-haiku-4-5', status: 'succeeded', request: CLAUDE },
    ])
    for (const { usage, cost } of await callsOf(ledger)) {
      expect(usage).toEqual({ input: 10, output: 5 })
      expect(cost).toMatchObject({ status: 'settled', estimated: false })
    }
  })

  test('is settled before the end of its answer is handed on', async () => {
    const ledger = testLedger()
    const server = await modelServer(json(completion('Hi.')), events(chunks(['Hi', '.'], true)))
    await ledger.run(async () => {
      await openai(server, ledger).chat.completions.create(SAY_HI)
      expect(await callsOf(ledger)).toMatchObject([{ status: 'succeeded', cost: { status: 'settled' } }])
      await wordsOf(await openai(server, ledger).chat.completions.create({ ...SAY_HI, stream: true }))
      expect(await callsOf(ledger)).toMatchObject([{}, { status: 'succeeded', cost: { status: 'settled' } }])
    })
  })

  test('outside of any run is a small run of its own', async () => {
    const ledger = testLedger()
    const server = await modelServer(json(completion('Hi.')), events(chunks(['Hi', '.'], true)))
    await openai(server, ledger).chat.completions.create(SAY_HI)
    expect(await wordsOf(await openai(server, ledger).chat.completions.create({ ...SAY_HI, stream: true }))).toEqual([
      'Hi',
      '.',
    ])
    expect((await ledger.runs.list()).map(({ status }) => status)).toEqual(['completed', 'completed'])
    expect(await callsOf(ledger)).toMatchObject([{ cost: { estimated: false } }, { cost: { estimated: false } }])
  })

  test('is a call of the run that is named, where there is one', async () => {
    const ledger = testLedger()
    const server = await modelServer(json(completion('Hi.')))
    const run = await ledger.open({ id: 'named' })
    await openai(server, ledger, { run, record: 'hash' }).chat.completions.create(SAY_HI)
    await run.complete()
    expect(await callsOf(ledger)).toMatchObject([{ runId: 'named' }])
  })

  test('through two guarded fetches is one call', async () => {
    const ledger = testLedger()
    const server = await modelServer(json(completion('Hi.')))
    await openai(server, ledger, { fetch: guardFetch(ledger) }).chat.completions.create(SAY_HI)
    expect(await callsOf(ledger)).toHaveLength(1)
  })
})

test('what its own signal ends a run with is not asked for again, though it says "timed out"', async () => {
  const ledger = testLedger()
  const own = new AbortController()
  const reason = new Error('we timed out')
  let sent = 0
  const never: typeof fetch = (_input, init) =>
    new Promise((_, reject) => {
      sent += 1
      init?.signal?.addEventListener('abort', () => reject(init.signal?.reason))
      own.abort(reason)
    })
  const client = new OpenAI({ apiKey: 'k', fetch: guardFetch(ledger, { fetch: never }) })
  let thrown: unknown
  const run = ledger.run({ signal: own.signal }, () =>
    client.chat.completions.create(SAY_HI).catch((error: unknown) => {
      thrown = error
    }),
  )
  await run.catch(() => undefined)
  expect([sent, deniedBy(thrown as { readonly headers?: unknown })]).toEqual([1, reason])
})

describe('a stream', () => {
  test('is asked for its usage, of which a caller who did not ask sees nothing', async () => {
    const ledger = testLedger()
    const server = await modelServer(events(chunks(['Hi', '.'], true)), events(chunks(['Hi', '.'], false)))
    const seen: unknown[] = []
    await ledger.run(async () => {
      const stream = await openai(server, ledger).chat.completions.create({ ...SAY_HI, stream: true })
      for await (const chunk of stream) seen.push(chunk)
    })
    expect(server.arrived[0]?.body).toEqual({ stream_options: { include_usage: true }, ...SAY_HI, stream: true })
    const bare: unknown[] = []
    const client = new OpenAI({ apiKey: 'k', baseURL: `${server.url}/v1` })
    for await (const chunk of await client.chat.completions.create({ ...SAY_HI, stream: true })) bare.push(chunk)
    expect(seen).toEqual(bare)
    expect(await callsOf(ledger)).toMatchObject([{ usage: { input: 10, output: 5 }, cost: { estimated: false } }])
  })

  test('of a host that refuses to tell it is asked for again without it, and never again', async () => {
    const ledger = testLedger()
    const refused = json({ error: { message: "Unknown parameter: 'stream_options'." } }, 400)
    const plain = events(chunks(['Hi'], false))
    const server = await modelServer(refused, plain, plain)
    for (let time = 0; time < 2; time++)
      expect(await wordsOf(await openai(server, ledger).chat.completions.create({ ...SAY_HI, stream: true }))).toEqual([
        'Hi',
      ])
    expect(server.arrived.map(({ body }) => body.stream_options)).toEqual([
      { include_usage: true },
      undefined,
      undefined,
    ])
    const calls = await callsOf(ledger)
    expect(calls).toMatchObject([{ status: 'succeeded' }, { status: 'succeeded' }])
    expect(calls.map(({ cost }) => cost.status)).toEqual(['settled', 'settled'])
  })

  test('of a request that is wrong otherwise is asked for its usage next time', async () => {
    const ledger = testLedger()
    const wrong = json({ error: { message: 'You sent {"stream_options": …}: no such model.' } }, 400)
    const server = await modelServer(wrong, wrong, events(chunks(['Hi'], true)))
    await expect(openai(server, ledger).chat.completions.create({ ...SAY_HI, stream: true })).rejects.toThrow(
      'no such model',
    )
    await wordsOf(await openai(server, ledger).chat.completions.create({ ...SAY_HI, stream: true }))
    expect(server.arrived[2]?.body.stream_options).toEqual({ include_usage: true })
  })

  test('is not asked for it where its client says so', async () => {
    const ledger = testLedger()
    const server = await modelServer(events(chunks(['Hi'], false)))
    const client = openai(server, ledger, { streamUsage: false })
    await ledger.run(async () => wordsOf(await client.chat.completions.create({ ...SAY_HI, stream: true })))
    expect(server.arrived[0]?.body).toEqual({ ...SAY_HI, stream: true })
  })

  test('of Anthropic tells its usage anyway', async () => {
    const ledger = testLedger()
    const server = await modelServer(events(messageEvents(['Hi', '.'])))
    expect(await anthropic(server, ledger).messages.stream(CLAUDE).finalText()).toBe('Hi.')
    expect(server.arrived[0]?.body).toEqual({ ...CLAUDE, stream: true })
    expect(await callsOf(ledger)).toMatchObject([{ usage: { input: 10, output: 5 }, cost: { estimated: false } }])
  })
})

describe('under a limit', () => {
  test('a request has a cap, and the record the request as its caller made it', async () => {
    const ledger = testLedger()
    const server = await modelServer(json(completion('Hi.')))
    await ledger.run({ limits: { budget: usd(0.001) } }, () => openai(server, ledger).chat.completions.create(SAY_HI))
    const { max_tokens, max_completion_tokens, ...rest } = server.arrived[0]?.body ?? {}
    expect(rest).toEqual(SAY_HI)
    expect(max_completion_tokens ?? max_tokens).toBeLessThan(2_000)
    expect(await callsOf(ledger)).toMatchObject([{ request: SAY_HI }])
  })

  test.each(['openai', 'anthropic'] as const)(
    'a refused request is refused once, and %s sees not a byte of it',
    async (sdk) => {
      const ledger = testLedger()
      const server = await modelServer()
      const statuses: number[] = []
      const guarded = guardFetch(ledger)
      const options = {
        apiKey: 'k',
        baseURL: `${server.url}/v1`,
        fetch: async (...args: Parameters<typeof fetch>) => {
          const response = await guarded(...args)
          statuses.push(response.status)
          return response
        },
      }
      const asked = ledger.run({ limits: { budget: usd('0.00001') } }, async () => {
        if (sdk === 'openai') return new OpenAI(options).chat.completions.create(SAY_HI)
        return new Anthropic(options).messages.create(CLAUDE)
      })
      // The run ends as its limit says, whatever its client made of it.
      await expect(asked).rejects.toThrow(BudgetExceededError)
      expect(server.arrived).toEqual([])
      expect(await callsOf(ledger)).toEqual([])
      expect(statuses).toEqual([402])
    },
  )

  test('a refusal is an answer that says why', async () => {
    const ledger = testLedger()
    const server = await modelServer()
    const caught: unknown[] = []
    await ledger
      .run({ limits: { budget: usd('0.00001') } }, () =>
        openai(server, ledger)
          .chat.completions.create(SAY_HI)
          .catch((error: unknown) => void caught.push(error)),
      )
      .catch(() => undefined)
    const [error] = caught as [InstanceType<typeof OpenAI.APIError>]
    expect(error).toBeInstanceOf(OpenAI.APIError)
    expect(error.status).toBe(402)
    expect(error.code).toBe('budget-exceeded')
    expect(error.headers?.get('x-holdfast-error')).toBe('budget-exceeded')
    expect(error.headers?.get('x-should-retry')).toBe('false')
    const denied = deniedBy(error) as HoldfastError
    expect(BudgetExceededError.isInstance(denied)).toBe(true)
    expect(error.error).toMatchObject({ message: denied.message, code: 'budget-exceeded' })
  })

  test('what a provider answered was denied by nobody', async () => {
    expect(deniedBy(Response.json({}, { status: 402 }))).toBeUndefined()
    expect(deniedBy(new Headers())).toBeUndefined()
    expect(deniedBy({})).toBeUndefined()
  })
})

describe('what costs nothing', () => {
  test('goes through untouched', async () => {
    const ledger = testLedger()
    const server = await modelServer(json({ object: 'list', data: [] }))
    await openai(server, ledger, { provider: 'openai' }).models.list()
    expect(server.arrived).toHaveLength(1)
    expect(await callsOf(ledger)).toEqual([])
  })

  test('has all that its fetch has', () => {
    const base = Object.assign((...args: Parameters<typeof fetch>) => fetch(...args), { preconnect: () => 'connected' })
    const guarded = guardFetch(testLedger(), { fetch: base }) as typeof base
    expect(guarded.preconnect()).toBe('connected')
  })
})
