import type { Ledger } from 'holdfast'
import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { guardFetch } from '../guard-fetch.ts'
import { openExchange } from './open-exchange.ts'
import { chunks, completion, message, messageEvents } from './testing/bodies.ts'
import { anthropic, CLAUDE, callsOf, openai, SAY_HI, testLedger, wordsOf } from './testing/guarded.ts'
import { events, json, type ModelServer, modelServer, reset } from './testing/model-server.ts'

const STREAMED = { ...SAY_HI, stream: true } as const

/** What an agent comes to when its run is let go at its end, as by a crash, and when it is executed again. */
async function twice<T>(ledger: Ledger, agent: () => Promise<T>): Promise<readonly [first: T, second: T]> {
  const controller = new AbortController()
  const crash = new Error('crash')
  const answers: T[] = []
  const killed = ledger.run({ id: 'r', signal: controller.signal }, async () => {
    answers.push(await agent())
    controller.abort(crash)
    throw crash
  })
  await expect(killed).rejects.toThrow('crash')
  return [answers[0] as T, await ledger.run({ id: 'r' }, agent)]
}

/** The same of one client, with nothing over the wire the second time. */
async function served<T>(server: ModelServer, agent: (ledger: Ledger) => Promise<T>): Promise<T> {
  const ledger = testLedger()
  let sent = -1
  const [first, second] = await twice(ledger, async () => {
    const answer = await agent(ledger)
    if (sent === -1) sent = server.arrived.length
    return answer
  })
  expect(second).toEqual(first)
  expect(server.arrived).toHaveLength(sent)
  expect(await callsOf(ledger)).toHaveLength(sent)
  return second
}

describe('a resumed run is served', () => {
  test('answers, with their headers', async () => {
    const server = await modelServer(json(completion('Hi.')), json(message('Hello.')))
    const answer = await served(server, async (ledger) => {
      const { data, response, request_id } = await openai(server, ledger).chat.completions.create(SAY_HI).withResponse()
      const { content } = await anthropic(server, ledger).messages.create(CLAUDE)
      return { data, request_id, url: response.url, status: response.status, content }
    })
    expect(answer).toMatchObject({
      request_id: 'req_1',
      url: `${server.url}/v1/chat/completions`,
      content: [{ text: 'Hello.' }],
    })
  })

  test('each endpoint what it answered itself, in whatever order the same words are sent', async () => {
    const server = await modelServer(json({ of: 'embeddings' }), json({ of: 'responses' }))
    const ledger = testLedger()
    const paths = [
      ['embeddings', 'responses'],
      ['responses', 'embeddings'],
    ]
    const [, second] = await twice(ledger, async () => {
      const answers: unknown[] = []
      for (const path of paths.shift() ?? []) {
        const body = JSON.stringify({ model: 'gpt-4o-mini', input: 'Hi' })
        answers.push(await (await guardFetch(ledger)(`${server.url}/v1/${path}`, { method: 'POST', body })).json())
      }
      return answers
    })
    expect(second).toEqual([{ of: 'responses' }, { of: 'embeddings' }])
    expect(server.arrived).toHaveLength(2)
  })

  test.each([
    ['a form', (ask: typeof fetch, url: string, body: FormData) => ask(url, { method: 'POST', body })],
    [
      'a request with a form',
      (ask: typeof fetch, url: string, body: FormData) => ask(new Request(url, { method: 'POST', body })),
    ],
  ])('no upload with the answer of another that looks the same: %s', async (_, send) => {
    const server = await modelServer(json({ text: 'of A' }), json({ text: 'of B' }))
    const ledger = testLedger()
    const files = ['A', 'B']
    const [, second] = await twice(ledger, async () => {
      const body = new FormData()
      body.set('model', 'gpt-4o-transcribe')
      body.set('file', new File([files.shift() ?? ''], 'a.wav'))
      const answer = await send(guardFetch(ledger), `${server.url}/v1/audio/transcriptions`, body)
      return ((await answer.json()) as { text: string }).text
    })
    expect(second).toBe('of B')
  })

  test('what stands in the address alone is told apart', async () => {
    const server = await modelServer(json({ of: 'a' }), json({ of: 'b' }))
    const ledger = testLedger()
    const threads = ['a', 'b']
    const answers = await twice(ledger, async () => {
      const url = `${server.url}/v1/threads/${threads.shift()}/runs`
      const body = JSON.stringify({ assistant_id: 'x' })
      return (await guardFetch(ledger, { provider: 'openai' })(url, { method: 'POST', body })).json()
    })
    expect(answers).toEqual([{ of: 'a' }, { of: 'b' }])
  })

  test('streams', async () => {
    const server = await modelServer(events(chunks(['Hi', '.'], true)), events(messageEvents(['Hel', 'lo.'])))
    const answer = await served(server, async (ledger) => [
      ...(await wordsOf(await openai(server, ledger).chat.completions.create(STREAMED))),
      await anthropic(server, ledger).messages.stream(CLAUDE).finalText(),
    ])
    expect(answer).toEqual(['Hi', '.', 'Hello.'])
  })

  test('what its reader broke off, as far as it was read', async () => {
    const server = await modelServer(events(chunks(['Hi', 'there'], true).slice(0, 1), 'stays open'))
    const words = await served(server, async (ledger) => {
      for await (const chunk of await openai(server, ledger).chat.completions.create(STREAMED))
        return chunk.choices[0]?.delta.content
      return undefined
    })
    expect(words).toBe('Hi')
  })

  test('a stream that broke, which breaks at the same place with the same error', async () => {
    const server = await modelServer(events(chunks(['Hi', 'there'], true).slice(0, 2), 'breaks'))
    const answer = await served(server, async (ledger) => {
      const words: unknown[] = []
      try {
        for await (const chunk of await openai(server, ledger).chat.completions.create(STREAMED))
          words.push(chunk.choices[0]?.delta.content)
      } catch (error) {
        words.push(error instanceof TypeError, String(error))
      }
      return words
    })
    expect(answer).toEqual(['Hi', 'there', true, 'TypeError: terminated'])
  })

  test('failed attempts, which the SDK retries as it did, without waiting again', async () => {
    const slow = { 'retry-after-ms': '1', 'x-request-id': 'req_9' }
    const failures = [500, 429].map((status) => json({ error: { message: 'Later.' } }, status, slow))
    const server = await modelServer(...failures, json(completion('Hi.')))
    await served(server, (ledger) => openai(server, ledger).chat.completions.create(SAY_HI))
    expect(server.arrived).toHaveLength(3)
  })

  test('a failure that is not retried', async () => {
    const server = await modelServer(json({ error: { message: 'No such model.', code: 'model_not_found' } }, 404))
    const told = await served(server, (ledger) =>
      openai(server, ledger)
        .chat.completions.create(SAY_HI)
        .catch((error: unknown) => {
          const { status, code, message: text, requestID } = error as InstanceType<typeof OpenAI.APIError>
          return [error instanceof OpenAI.NotFoundError, status, code, text, requestID]
        }),
    )
    expect(told).toEqual([true, 404, 'model_not_found', '404 No such model.', 'req_1'])
  })

  test('an attempt that got no answer', async () => {
    const server = await modelServer(reset, json(completion('Hi.')))
    await served(server, (ledger) => openai(server, ledger).chat.completions.create(SAY_HI))
    expect(server.arrived).toHaveLength(2)
  })

  test('speech, byte for byte', async () => {
    const speech = Buffer.from([0xff, 0xfb, 0x90, 0x00, 0x80, 0x0a])
    const server = await modelServer(
      (response) => void response.writeHead(200, { 'content-type': 'audio/mpeg' }).end(speech),
    )
    const bytes = await served(server, async (ledger) => {
      const answer = await openai(server, ledger).audio.speech.create({ model: 'tts-1', voice: 'alloy', input: 'Hi.' })
      return [...new Uint8Array(await answer.arrayBuffer())]
    })
    expect(bytes).toEqual([...speech])
  })
})

test('what was never read is not there to be read when it is served', async () => {
  const ledger = testLedger()
  const server = await modelServer(events(chunks(['Hi', 'there'], true).slice(0, 1), 'stays open'))
  let isFirst = true
  const client = openai(server, ledger)
  const [, read] = await twice(ledger, async () => {
    const stream = await client.chat.completions.create(STREAMED)
    if (isFirst) for await (const _ of stream) break
    if (!isFirst) return wordsOf(stream).catch((error: Error) => error.message)
    isFirst = false
    return undefined
  })
  expect(read).toMatch(/its reader stopped/)
})

test('an answer that is too long to be kept is asked for again', async () => {
  const ledger = testLedger({ maxValueBytes: 2_000 })
  const server = await modelServer(json(completion('x'.repeat(3_000))), json(completion('Hi.')))
  const [, second] = await twice(ledger, async () => {
    const answer = await openai(server, ledger).chat.completions.create(SAY_HI)
    return answer.choices[0]?.message.content
  })
  expect(second).toBe('Hi.')
  expect((await callsOf(ledger)).map(({ cost }) => cost.status)).toEqual(['settled', 'settled'])
})

test('a request that was paid for and never sent is sent when the run is resumed', async () => {
  const ledger = testLedger()
  const server = await modelServer(json(completion('Hi.')))
  const url = `${server.url}/v1/chat/completions`
  const endpoint = { kind: 'metered', provider: 'openai', name: 'chat.completions', shape: 'openai-chat' } as const
  let isFirst = true
  const [, second] = await twice(ledger, async () => {
    const text = JSON.stringify(SAY_HI)
    const asked = { ledger, options: {}, endpoint, url, body: SAY_HI, text, headers: new Headers() }
    const exchange = await openExchange(asked)
    if (isFirst) {
      isFirst = false
      exchange.release()
      while ((await callsOf(ledger))[0]?.status !== 'failed') await new Promise((resolve) => setImmediate(resolve))
      return undefined
    }
    const response = await exchange.send((signal) => fetch(url, { method: 'POST', body: text, signal }), undefined)
    return response.json()
  })
  expect(second).toEqual(completion('Hi.'))
  expect((await callsOf(ledger)).map(({ status, cost }) => [status, cost.status])).toEqual([
    ['failed', 'released'],
    ['succeeded', 'settled'],
  ])
})

test('a resumed run is the same to a fetch of another client', async () => {
  const ledger = testLedger()
  const server = await modelServer(json(completion('Hi.')))
  let isFirst = true
  const [first, second] = await twice(ledger, async () => {
    const one = isFirst
      ? openai(server, ledger)
      : new OpenAI({
          apiKey: 'k',
          baseURL: `${server.url}/v1`,
          fetch: guardFetch(ledger, { fetch: () => Promise.reject(new Error('sent')) }),
        })
    isFirst = false
    return one.chat.completions.create(SAY_HI)
  })
  expect(second).toEqual(first)
})
