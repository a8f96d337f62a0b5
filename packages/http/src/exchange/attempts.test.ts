import { createServer } from 'node:net'
import { RunCanceledError, usd } from 'holdfast'
import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { guardFetch } from '../guard-fetch.ts'
import { deniedBy } from './denial.ts'
import { chunks, completion, message } from './testing/bodies.ts'
import { anthropic, CLAUDE, callsOf, openai, SAY_HI, testLedger, wordsOf } from './testing/guarded.ts'
import { type Answer, events, json, modelServer, reset, silence } from './testing/model-server.ts'

const AT_ONCE = { 'retry-after-ms': '1' }
const overloaded = (status: number): Answer =>
  json({ error: { message: 'Overloaded.', type: 'error' } }, status, AT_ONCE)
const STREAMED = { ...SAY_HI, stream: true } as const

describe('an attempt that fails', () => {
  test.each([
    ['500, 500, 200', [500, 500]],
    ['429, 200', [429]],
    ['529, 529, 200', [529, 529]],
  ])('is a call at no cost: %s', async (_, statuses) => {
    const ledger = testLedger()
    const server = await modelServer(...statuses.map(overloaded), json(completion('Hi.')))
    const answer = await ledger.run(() => openai(server, ledger).chat.completions.create(SAY_HI))
    expect(answer.choices[0]?.message.content).toBe('Hi.')
    const calls = await callsOf(ledger)
    expect(calls.map(({ status }) => status)).toEqual([...statuses.map(() => 'failed'), 'succeeded'])
    expect(calls.map(({ cost }) => cost.status)).toEqual([...statuses.map(() => 'released'), 'settled'])
    const errors = calls.slice(0, -1).map(({ error }) => error?.message)
    expect(errors).toEqual(statuses.map((status) => `The provider answered with status ${status}.`))
  })

  test('of Anthropic too', async () => {
    const ledger = testLedger()
    const server = await modelServer(overloaded(529), json(message('Hi.')))
    await ledger.run(() => anthropic(server, ledger).messages.create(CLAUDE))
    expect((await callsOf(ledger)).map(({ status }) => status)).toEqual(['failed', 'succeeded'])
  })

  test('gives its caller what the provider answered', async () => {
    const ledger = testLedger()
    const wrong = json(
      { error: { message: 'No such model.', code: 'model_not_found', param: 'model', type: 't' } },
      404,
    )
    const server = await modelServer(wrong, wrong)
    const errorOf = (client: OpenAI) => client.chat.completions.create(SAY_HI).catch((error: unknown) => error)
    const guarded = (await errorOf(openai(server, ledger))) as InstanceType<typeof OpenAI.APIError>
    const bare = (await errorOf(new OpenAI({ apiKey: 'k', baseURL: `${server.url}/v1` }))) as typeof guarded
    expect(guarded).toEqual(bare)
    expect(guarded).toBeInstanceOf(OpenAI.NotFoundError)
    const { date: _one, ...headers } = Object.fromEntries(guarded.headers ?? [])
    const { date: _other, ...bareHeaders } = Object.fromEntries(bare.headers ?? [])
    expect(headers).toEqual(bareHeaders)
    expect([guarded.message, guarded.status, guarded.error, guarded.requestID]).toEqual([
      bare.message,
      bare.status,
      bare.error,
      bare.requestID,
    ])
  })

  test('with a status after which nobody knows whether it is billed counts in full', async () => {
    const ledger = testLedger()
    const server = await modelServer(overloaded(504), json(completion('Hi.')))
    await ledger.run(() => openai(server, ledger).chat.completions.create(SAY_HI))
    const [first] = await callsOf(ledger)
    expect(first?.cost.status).toBe('charged')
  })

  test('by a reset before any answer counts in full, and the next one by what it used', async () => {
    const ledger = testLedger()
    const server = await modelServer(reset, json(completion('Hi.')))
    await ledger.run(() => openai(server, ledger).chat.completions.create(SAY_HI))
    const calls = await callsOf(ledger)
    expect(calls.map(({ status }) => status)).toEqual(['failed', 'succeeded'])
    expect(calls.map(({ cost }) => cost.status)).toEqual(['charged', 'settled'])
    expect(calls[0]?.error).toMatchObject({ message: 'No answer came from the provider: fetch failed' })
  })

  test('because nobody is there costs nothing', async () => {
    const ledger = testLedger()
    const closed = createServer()
    await new Promise<void>((resolve) => closed.listen(0, resolve))
    const { port } = closed.address() as { port: number }
    await new Promise((resolve) => closed.close(resolve))
    const fetched = guardFetch(ledger)(`http://127.0.0.1:${port}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(SAY_HI),
    })
    await expect(fetched).rejects.toThrow('fetch failed')
    await expect(fetched).rejects.toBeInstanceOf(TypeError)
    expect((await callsOf(ledger)).map(({ cost }) => cost.status)).toEqual(['released'])
  })

  test('for a body that is long gives what has come, and the rest when it comes', async () => {
    const ledger = testLedger()
    const start = 'x'.repeat(70_000)
    let finish = () => undefined as unknown
    const server = await modelServer((response) => {
      response.writeHead(503, { 'content-type': 'text/plain' }).write(start)
      finish = () => response.end('sorry.')
    })
    const response = await guardFetch(ledger)(`${server.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(SAY_HI),
    })
    expect(await callsOf(ledger)).toMatchObject([{ status: 'failed', cost: { status: 'released' } }])
    finish()
    expect(await response.text()).toBe(`${start}sorry.`)
  })
})

describe('a stream that is not read to its end', () => {
  test('because the connection breaks fails as it would, and counts by what was seen', async () => {
    const ledger = testLedger()
    const server = await modelServer(events(chunks(['Hi', 'there'], true).slice(0, 2), 'breaks'))
    const broken = ledger.run(async () => wordsOf(await openai(server, ledger).chat.completions.create(STREAMED)))
    await expect(broken).rejects.toThrow('terminated')
    await expect(broken).rejects.toBeInstanceOf(TypeError)
    expect(await callsOf(ledger)).toMatchObject([{ status: 'succeeded', cost: { status: 'settled', estimated: true } }])
  })

  test('because its reader breaks off counts by what was seen', async () => {
    const ledger = testLedger()
    const server = await modelServer(events(chunks(['Hi', 'there'], true).slice(0, 2), 'stays open'))
    await ledger.run(async () => {
      for await (const _ of await openai(server, ledger).chat.completions.create(STREAMED)) break
    })
    expect(await callsOf(ledger)).toMatchObject([{ status: 'succeeded', cost: { status: 'settled', estimated: true } }])
  })

  test.each(['before it is read', 'while it is read'])(
    'because its caller aborts it %s counts by what was seen',
    async (when) => {
      const ledger = testLedger()
      const server = await modelServer(events(chunks(['Hi', 'there'], true).slice(0, 1), 'stays open'))
      await ledger.run(async () => {
        const stream = await openai(server, ledger).chat.completions.create(STREAMED)
        if (when === 'before it is read') stream.controller.abort()
        else for await (const _ of stream) stream.controller.abort()
      })
      expect(await callsOf(ledger)).toMatchObject([
        { status: 'succeeded', cost: { status: 'settled', estimated: true } },
      ])
    },
  )

  test('because its run is canceled ends, though nobody reads it', async () => {
    const ledger = testLedger()
    const server = await modelServer(events(chunks(['Hi', 'there'], true).slice(0, 1), 'stays open'))
    const canceled = ledger.run({ id: 'r' }, async (run) => {
      await openai(server, ledger).chat.completions.create(STREAMED)
      await ledger.runs.cancel('r')
      expect(run.signal.aborted).toBe(true)
      throw run.signal.reason
    })
    await expect(canceled).rejects.toThrow()
    expect((await callsOf(ledger)).map(({ cost }) => cost.status)).not.toContain('held')
  })
})

test('a request that its caller aborts before there is an answer counts in full', async () => {
  const ledger = testLedger()
  const server = await modelServer(silence)
  const controller = new AbortController()
  const asked = ledger.run({ limits: { budget: usd(1) } }, () => {
    const answer = openai(server, ledger).chat.completions.create(SAY_HI, { signal: controller.signal })
    return answer
  })
  while (server.arrived.length === 0) await new Promise((resolve) => setImmediate(resolve))
  controller.abort()
  await expect(asked).rejects.toBeInstanceOf(OpenAI.APIUserAbortError)
  expect(await callsOf(ledger)).toMatchObject([{ status: 'failed', cost: { status: 'charged' } }])
})

test('a request that is aborted before it is made is not made', async () => {
  const ledger = testLedger()
  const server = await modelServer()
  const signal = AbortSignal.abort(new Error('no more'))
  const fetched = guardFetch(ledger)(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(SAY_HI),
    signal,
  })
  await expect(fetched).rejects.toThrow('no more')
  expect(await callsOf(ledger)).toEqual([])
  expect(server.arrived).toEqual([])
})

test('a request whose run is canceled before there is an answer is stopped, and not made again', async () => {
  const ledger = testLedger()
  const server = await modelServer(silence)
  const errors: unknown[] = []
  const canceled = ledger.run({ id: 'r' }, async () => {
    const answer = openai(server, ledger)
      .chat.completions.create(SAY_HI)
      .catch((error: unknown) => errors.push(error))
    while (server.arrived.length === 0) await new Promise((resolve) => setImmediate(resolve))
    await ledger.runs.cancel('r')
    await answer
  })
  await expect(canceled).rejects.toThrow(RunCanceledError)
  expect(
    errors.map((error) => RunCanceledError.isInstance(deniedBy(error as InstanceType<typeof OpenAI.APIError>))),
  ).toEqual([true])
  expect(server.arrived).toHaveLength(1)
})

test('an answer that cannot be read fails, and its call with it', async () => {
  const ledger = testLedger()
  const used = new Response('{}')
  await used.text()
  const asked = guardFetch(ledger, { fetch: () => Promise.resolve(used) })(
    'https://api.openai.com/v1/chat/completions',
    {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(SAY_HI),
    },
  )
  await expect(asked.then((response) => response.text())).rejects.toThrow(TypeError)
  expect((await callsOf(ledger)).filter(({ status }) => status === 'open')).toEqual([])
})
