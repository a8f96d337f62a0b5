import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { OutputCutOffError, usd } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { guardFetch } from '../guard-fetch.ts'
import { chunks, toolChunks } from './testing/bodies.ts'
import { callsOf, openai, SAY_HI, testLedger } from './testing/guarded.ts'
import { type Answer, events, modelServer } from './testing/model-server.ts'

const STREAMED = { ...SAY_HI, stream: true } as const

describe('a completed tool call', () => {
  test('is on record before its caller sees it', async () => {
    const ledger = testLedger()
    const server = await modelServer(events(toolChunks('pay', '{"order":1}')))
    const seen: string[] = []
    await ledger.run(async () => {
      for await (const chunk of await openai(server, ledger).chat.completions.create(STREAMED)) {
        const [call] = await callsOf(ledger)
        if (chunk.choices[0]?.delta.content) seen.push(`text: ${call?.status}`)
        if (chunk.choices[0]?.finish_reason === 'tool_calls') seen.push(`call: ${call?.status}`)
      }
    })
    expect(seen).toEqual(['text: open', 'call: succeeded'])
  })
})

test('a stream that goes on beyond what was held for it is cut off, and what came counts', async () => {
  const ledger = testLedger()
  const server = await modelServer(
    events(
      chunks(
        Array.from({ length: 200 }, () => 'word '),
        true,
      ),
      'stays open',
    ),
  )
  const words: unknown[] = []
  await ledger.run({ limits: { budget: usd(1) } }, async () => {
    const read = async () => {
      const stream = await openai(server, ledger).chat.completions.create({ ...STREAMED, max_tokens: 20 })
      for await (const chunk of stream) words.push(chunk.choices[0]?.delta.content)
    }
    await expect(read()).rejects.toThrow(OutputCutOffError)
  })
  expect(words.length).toBeLessThan(200)
  const [call] = await callsOf(ledger)
  expect(call).toMatchObject({ status: 'succeeded', cost: { estimated: true }, response: { ended: 'failed' } })
  expect(call?.cost.spent).toBeGreaterThan(0)
})

describe('onStreamAbort', () => {
  test('drain: learns what a stream cost whose reader broke off', async () => {
    const ledger = testLedger()
    const [first = '', ...rest] = chunks(['Hi', 'there'], true)
    let finish: () => void = () => undefined
    const answer: Answer = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(first)
      finish = () => void response.end(rest.join(''))
    }
    const server = await modelServer(answer)
    await ledger.run(async () => {
      const client = openai(server, ledger, { onStreamAbort: { drainMs: 60_000 } })
      for await (const _ of await client.chat.completions.create(STREAMED)) break
      finish()
    })
    expect(await callsOf(ledger)).toMatchObject([{ usage: { input: 10, output: 5 }, cost: { estimated: false } }])
  })
})

test('an answer that nobody holds any more ends its call', async () => {
  const ledger = testLedger()
  const server = await modelServer(events(chunks(['Hi', 'there'], true).slice(0, 1), 'stays open'))
  await ledger.run(async () => {
    const fetched = guardFetch(ledger)
    const ask = async () => {
      const body = JSON.stringify(STREAMED)
      await fetched(`${server.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })
    }
    await ask()
    setFlagsFromString('--expose_gc')
    const collect = runInNewContext('gc') as () => void
    while ((await callsOf(ledger))[0]?.status === 'open') {
      collect()
      await new Promise((resolve) => setImmediate(resolve))
    }
  })
  const [call] = await callsOf(ledger)
  expect(call).toMatchObject({ status: 'succeeded', cost: { estimated: true } })
  // Nobody knows how far it went on.
  expect(call?.cost.spent).toBe(call?.cost.held)
})
