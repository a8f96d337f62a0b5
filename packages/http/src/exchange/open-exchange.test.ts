import { BudgetExceededError, RunCanceledError, usd } from 'holdfast'
import { expect, test } from 'vitest'
import type { Exchange, ExchangeRequest } from './exchange.ts'
import { openExchange } from './open-exchange.ts'
import { completion } from './testing/bodies.ts'
import { callsOf, SAY_HI, testLedger } from './testing/guarded.ts'
import { json, modelServer } from './testing/model-server.ts'

const ENDPOINT = { kind: 'metered', provider: 'openai', name: 'chat.completions', shape: 'openai-chat' } as const

function asked(ledger: ExchangeRequest['ledger'], more: Partial<ExchangeRequest> = {}): ExchangeRequest {
  const text = JSON.stringify(more.body ?? SAY_HI)
  const about = { options: {}, endpoint: ENDPOINT, url: 'https://api.openai.com/v1/chat/completions' }
  return { ledger, ...about, body: SAY_HI, text, headers: new Headers(), ...more }
}

test('holds what a request may cost before it is sent, and gives it back where it never is', async () => {
  const ledger = testLedger()
  await ledger.run({ limits: { budget: usd(1) } }, async (run) => {
    const exchange = await openExchange(asked(ledger))
    expect((await run.usage()).held).toBeGreaterThan(0)
    exchange.release()
    while ((await run.usage()).held > 0) await new Promise((resolve) => setImmediate(resolve))
    exchange.release()
    await expect(exchange.send(() => Promise.reject(new Error('sent')), undefined)).rejects.toThrow(/once/)
  })
  expect(await callsOf(ledger)).toMatchObject([{ cost: { status: 'released' } }])
})

test('gives it back when the run is canceled, and sends nothing then', async () => {
  const ledger = testLedger()
  let exchange: Exchange | undefined
  const canceled = ledger.run({ id: 'r', limits: { budget: usd(1) } }, async (run) => {
    exchange = await openExchange(asked(ledger))
    await ledger.runs.cancel('r')
    throw run.signal.reason
  })
  await expect(canceled).rejects.toThrow(RunCanceledError)
  await expect(exchange?.send(() => Promise.reject(new Error('sent')), undefined)).rejects.toThrow(RunCanceledError)
  expect(await callsOf(ledger)).toMatchObject([{ cost: { status: 'released' } }])
})

test('throws what refuses it', async () => {
  const ledger = testLedger()
  const refused = ledger.run({ limits: { budget: usd('0.00001') } }, () => openExchange(asked(ledger)))
  await expect(refused).rejects.toThrow(BudgetExceededError)
  expect(await callsOf(ledger)).toEqual([])
})

test('tells what is to be sent instead of what its caller wrote', async () => {
  const ledger = testLedger()
  await ledger.run({ limits: { budget: usd('0.001') } }, async () => {
    const capped = await openExchange(asked(ledger, { body: { ...SAY_HI, stream: true } }))
    const { max_completion_tokens, ...rest } = JSON.parse(capped.text ?? '')
    expect(rest).toEqual({ ...SAY_HI, stream: true, stream_options: { include_usage: true } })
    expect(max_completion_tokens).toBeGreaterThan(0)
    capped.release()
  })
  await ledger.run(async () => {
    const whole = await openExchange(asked(ledger))
    expect(whole.text).toBeUndefined()
    whole.release()
  })
})

test('sends in the context of the call: what it starts is the run of the call', async () => {
  const ledger = testLedger()
  const server = await modelServer(json(completion('Hi.')))
  const run = await ledger.open({ id: 'named' })
  const exchange = await openExchange(asked(ledger, { options: { run } }))
  const { currentRun } = await import('holdfast')
  let within: string | undefined
  const response = await exchange.send((signal) => {
    within = currentRun()?.id
    return fetch(server.url, { method: 'POST', body: '{}', signal })
  }, undefined)
  await response.json()
  await run.complete()
  expect(within).toBe('named')
})

test('what has no known price is refused under a hard limit, and allowed without one', async () => {
  const ledger = testLedger()
  const videos = { kind: 'unpriced', provider: 'openai', name: 'videos' } as const
  const request = asked(ledger, { endpoint: videos, body: undefined, text: undefined })
  await expect(ledger.run({ limits: { budget: usd(1) } }, () => openExchange(request))).rejects.toMatchObject({
    code: 'unbounded-call',
  })
  await ledger.run(async () => (await openExchange(request)).release())
  expect(await callsOf(ledger)).toMatchObject([{ provider: 'openai', model: 'videos' }])
})

test('who aborts a request that waits for its budget gets the reason at once, and it is never sent', async () => {
  const ledger = testLedger({ waitForBudget: { timeoutMs: 60_000 } })
  const controller = new AbortController()
  const whole = { ...SAY_HI, max_tokens: 100_000 }
  await ledger.run({ limits: { budget: usd('0.07') } }, async (run) => {
    const first = await openExchange(asked(ledger, { body: whole }))
    const waiting = openExchange(asked(ledger, { body: whole, signal: controller.signal }))
    controller.abort(new Error('no more'))
    await expect(waiting).rejects.toThrow('no more')
    first.release()
    while ((await run.usage()).held > 0) await new Promise((resolve) => setImmediate(resolve))
  })
  expect((await callsOf(ledger)).map(({ cost }) => cost.status)).toEqual(['released', 'released'])
})

test('what is aborted before it is sent is not sent, and costs nothing', async () => {
  const ledger = testLedger()
  await ledger.run(async () => {
    const exchange = await openExchange(asked(ledger))
    let isSent = false
    const sent = exchange.send(
      () => {
        isSent = true
        return Promise.resolve(new Response())
      },
      AbortSignal.abort(new Error('no more')),
    )
    await expect(sent).rejects.toThrow('no more')
    expect(isSent).toBe(false)
  })
  expect(await callsOf(ledger)).toMatchObject([{ cost: { status: 'released' } }])
})
