import type { Middleware } from '@anthropic-ai/sdk'
import { deniedBy, guardFetch } from '@holdfast/http'
import { BudgetExceededError, ConfigError, setDefaultLedger, usd } from 'holdfast'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { answerTo, TOKENS } from './fixtures/testing/answers.ts'
import { SDKS } from './fixtures/testing/sdks.ts'
import { ASK, outcomes, rowsOf, story } from './fixtures/testing/story.ts'
import { Anthropic } from './index.ts'
import { ledgerMiddleware } from './ledger-middleware.ts'

const [newest] = SDKS as readonly [(typeof SDKS)[number]]

const twice: Middleware = async (request, next) => {
  await (await next(request)).text()
  return next(request)
}
const cached: Middleware = async () => Response.json(answerTo({ path: '/v1/messages', json: {} }).json)

describe.each(SDKS)('$name: a caller`s middleware', (sdk) => {
  test('each request that it sends is a call', async () => {
    const { client, server, rows } = await story(sdk, { client: { middleware: [twice] } })
    await client.messages.create(ASK)
    await client.withOptions({ middleware: [] }).messages.create(ASK, { middleware: [twice] })
    expect((await rows()).map(({ cost }) => cost?.tokens)).toEqual([TOKENS, TOKENS, TOKENS, TOKENS])
    expect(server.requests).toHaveLength(4)
  })

  test('what it answers by itself costs nothing', async () => {
    const { client, server, rows } = await story(sdk, { client: { middleware: [cached] } })
    expect((await client.messages.create(ASK)).content).toHaveLength(1)
    expect([server.requests, await rows()]).toEqual([[], []])
  })

  test('what it makes of a request is what is paid for', async () => {
    const other: Middleware = (request, next) =>
      next({ ...request, body: JSON.stringify({ ...ASK, model: 'claude-opus-4-1' }) })
    const { client, server, rows } = await story(sdk, { client: { middleware: [other] } })
    await client.messages.create(ASK)
    expect(server.requests[0]?.json.model).toBe('claude-opus-4-1')
    expect(await rows()).toMatchObject([{ model: 'claude-opus-4-1' }])
  })

  test('it sees what refuses a request, as it is thrown', async () => {
    const seen: unknown[] = []
    const watching: Middleware = (request, next) =>
      next(request).catch((error) => {
        seen.push(error)
        throw error
      })
    const ledger = { limits: { budget: usd('0.00001') } }
    const { client } = await story(sdk, { ledger, client: { middleware: [watching] } })
    const error = await client.messages.create(ASK).catch((thrown: unknown) => thrown)
    expect(BudgetExceededError.isInstance(error)).toBe(true)
    expect(seen).toEqual([error])
  })

  test('a guarded fetch behind a guarded client counts nothing twice', async () => {
    const { client, ledger, rows } = await story(sdk)
    await client.withOptions({ fetch: guardFetch(ledger) }).messages.create(ASK)
    expect(outcomes(await rows())).toEqual([['succeeded', 'settled']])
  })
})

describe.each(SDKS)('$name: ledgerMiddleware', (sdk) => {
  test('guards a client of the SDK, once, also where that is guarded already', async () => {
    const { client, bare, ledger, rows } = await story(sdk)
    const middleware = [ledgerMiddleware(ledger)]
    await bare.withOptions({ middleware }).messages.create(ASK)
    await client.withOptions({ middleware }).messages.create(ASK)
    expect((await rows()).map(({ cost }) => cost?.tokens)).toEqual([TOKENS, TOKENS])
  })

  test('takes the provider that it is told', async () => {
    const { bare, ledger, rows } = await story(sdk)
    await bare.withOptions({ middleware: [ledgerMiddleware(ledger, { provider: 'azure' })] }).messages.create(ASK)
    expect(await rows()).toMatchObject([{ provider: 'azure' }])
  })

  test('refuses before a byte is sent, once', async () => {
    const { bare, ledger, server } = await story(sdk, { ledger: { limits: { budget: usd('0.00001') } } })
    const client = bare.withOptions({ middleware: [ledgerMiddleware(ledger)] })
    const error = await client.messages.create(ASK).catch((thrown: unknown) => thrown)
    expect(BudgetExceededError.isInstance(error)).toBe(true)
    expect(server.requests).toEqual([])
  })

  test('answers 402 where the SDK would take what it throws for a timeout', async () => {
    const limits = { budget: usd('0.00001') }
    const { bare, ledger, server } = await story(sdk, { ledger: { session: 'timeout', limits } })
    const client = bare.withOptions({ middleware: [ledgerMiddleware(ledger)] })
    const error = await client.messages.create(ASK).catch((thrown) => thrown)
    expect(error).toMatchObject({ status: 402 })
    expect(BudgetExceededError.isInstance(deniedBy(error))).toBe(true)
    expect(server.requests).toEqual([])
  })
})

test('where no default ledger can be made, nothing that is billed is sent, and what is free is', async () => {
  vi.stubEnv('HOLDFAST_DB_URL', 'bogus://x')
  setDefaultLedger(undefined)
  onTestFinished(() => void vi.unstubAllEnvs())
  const { server } = await story(newest, { answer: () => ({ json: { data: [] } }) })
  const client = new Anthropic({ apiKey: 'k', baseURL: server.url })
  for (const path of ['/v1/messages', '/v1/nothing']) {
    const error = await client.post(path, { body: ASK }).catch((thrown: unknown) => thrown)
    expect(ConfigError.isInstance(error)).toBe(true)
    expect(error).toBeInstanceOf(newest.AnthropicError)
  }
  expect(server.requests).toEqual([])
  await client.models.list()
  expect(server.requests).toHaveLength(1)
})

test('a client without a ledger takes the default one of the moment', async () => {
  const { server, ledger } = await story(newest)
  const client = new Anthropic({ apiKey: 'k', baseURL: server.url })
  setDefaultLedger(ledger)
  onTestFinished(() => setDefaultLedger(undefined))
  await client.messages.create(ASK)
  expect(await rowsOf(ledger)).toHaveLength(1)
})
