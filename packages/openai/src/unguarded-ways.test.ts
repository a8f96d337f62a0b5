import { HoldfastError, NotSupportedError, setDefaultLedger, usd } from 'holdfast'
import { OpenAIRealtimeWebSocket } from 'openai/realtime/websocket'
import { expect, onTestFinished, test } from 'vitest'
import { answerTo, TOKENS } from './fixtures/testing/answers.ts'
import { SDKS } from './fixtures/testing/sdks.ts'
import { CHAT, rowsOf, story } from './fixtures/testing/story.ts'
import { OpenAI } from './index.ts'
import { refuseCertificates } from './refused-ways.ts'

const [seven] = SDKS as readonly [(typeof SDKS)[number]]

test('a websocket is refused before it is opened, as an error of the SDK', async () => {
  const { client } = await story(seven)
  let error: unknown
  try {
    new OpenAIRealtimeWebSocket({ model: 'gpt-realtime', dangerouslyAllowBrowser: true }, client)
  } catch (thrown) {
    error = thrown
  }
  expect(NotSupportedError.isInstance(error)).toBe(true)
  expect(error).toBeInstanceOf(seven.OpenAIError)
  expect(String(error)).toContain('websockets')
})

test('a websocket that is wanted unmetered has the headers that it had', async () => {
  const { client, bare } = await story(seven)
  type Headers = { _buildWebSocketHeaders(auth: object): object }
  const open = client.withOptions({ websockets: 'unmetered' }).withOptions({}) as unknown as Headers
  expect(open._buildWebSocketHeaders({})).toEqual((bare as unknown as Headers)._buildWebSocketHeaders({}))
})

test('a client of a certificate`s identity is refused', async () => {
  const { client } = await story(seven)
  const withCertificate = Object.create(client, { _options: { value: { x509Transport: {} } } })
  expect(() => refuseCertificates(withCertificate)).toThrow(NotSupportedError)
})

test('a client without a ledger takes the default one of the moment', async () => {
  const { server, ledger } = await story(seven)
  const client = new OpenAI({ apiKey: 'k', baseURL: server.url })
  setDefaultLedger(ledger)
  onTestFinished(() => setDefaultLedger(undefined))
  await client.chat.completions.create(CHAT)
  expect(await rowsOf(ledger)).toHaveLength(1)
})

test.each(SDKS)('$name: what nobody knows is told of and passed, or refused as an error of the SDK', async (sdk) => {
  const { client, ledger, server } = await story(sdk)
  const told: unknown[] = []
  ledger.on('request-unmetered', ({ url }) => void told.push(url))
  await client.post('/somethings', { body: { a: 1 } })
  expect([told, server.requests.length]).toEqual([[`${server.url}/somethings`], 1])
  const strict = await story(sdk, { ledger: { unmetered: 'refuse' } })
  const error = await strict.client.post('/somethings', { body: { a: 1 } }).catch((thrown: unknown) => thrown)
  expect(HoldfastError.isInstance(error)).toBe(true)
  expect(error).toBeInstanceOf(sdk.OpenAIError)
  expect(strict.server.requests).toEqual([])
})

test.each(SDKS)('$name: a background answer is charged in full until somebody fetches it', async (sdk) => {
  const limits = { limits: { budget: usd('0.05') } }
  const told = await story(sdk, {
    answer: (heard) => {
      const { json } = answerTo({ ...heard, path: '/responses' })
      return {
        json: heard.method === 'POST' ? { ...(json as object), status: 'queued', output: [], usage: null } : json,
      }
    },
    ledger: limits,
  })
  const { id } = await told.client.responses.create({ model: 'gpt-5', input: 'hi', background: true })
  expect(await told.rows()).toMatchObject([{ externalId: 'openai:resp_1', cost: { status: 'charged' } }])
  await told.client.responses.retrieve(id)
  expect(await told.rows()).toMatchObject([{ cost: { status: 'settled', tokens: TOKENS } }])
})
