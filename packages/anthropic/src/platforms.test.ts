import { usd } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { TOKENS } from './fixtures/testing/answers.ts'
import { bedrockClass, foundryClass, signingOnce, vertexWithoutCredentials } from './fixtures/testing/platforms.ts'
import { SDKS } from './fixtures/testing/sdks.ts'
import { ASK, MESSAGES, outcomes, story } from './fixtures/testing/story.ts'
import { guardAnthropic } from './guard-anthropic.ts'
import { guardedClass } from './guarded-class.ts'

const BEDROCK_ASK = { ...ASK, model: 'anthropic.claude-haiku-4-5-20251001-v1:0' }

describe.each(SDKS)('$name: other platforms', (sdk) => {
  test('a class of Bedrock is guarded before it makes its own of a request', async () => {
    const answer = ({ json }: { readonly json: object }) => answerOf(json)
    const { ledger, server, rows } = await story(sdk, { answer, ledger: { limits: { budget: usd(1) } } })
    const Bedrock = guardedClass(bedrockClass(sdk))
    const client = new Bedrock({ apiKey: 'k', baseURL: server.url, ledger })
    await client.messages.create(BEDROCK_ASK)
    expect(server.requests.map(({ path }) => path)).toEqual([`/model/${BEDROCK_ASK.model}/invoke`])
    expect(server.requests[0]?.headers['x-signed-length']).toBe(String(server.requests[0]?.body.length))
    const [row] = await rows()
    expect(row).toMatchObject({ provider: 'aws', model: BEDROCK_ASK.model, request: BEDROCK_ASK })
    expect(row).toMatchObject({ cost: { status: 'settled', tokens: TOKENS, estimated: false } })
  })

  test('what a budget caps is what is signed', async () => {
    const answer = ({ json }: { readonly json: object }) => answerOf(json)
    const { ledger, server } = await story(sdk, { answer })
    const client = guardAnthropic(ledger, new (bedrockClass(sdk))({ apiKey: 'k', baseURL: server.url }))
    const uncapped = { model: BEDROCK_ASK.model, messages: MESSAGES }
    await ledger.run({ id: 'r', limits: { budget: usd('0.02') } }, () =>
      client.post('/v1/messages', { body: uncapped }),
    )
    const [heard] = server.requests
    expect(heard?.json).toMatchObject({ max_tokens: expect.any(Number) })
    expect(heard?.headers['x-signed-length']).toBe(String(heard?.body.length))
  })

  test('an attempt that its platform cannot sign gives back what it held', async () => {
    const { ledger, server, rows } = await story(sdk, { ledger: { limits: { budget: usd(1) } } })
    const client = guardAnthropic(ledger, new (vertexWithoutCredentials(sdk))({ apiKey: 'k', baseURL: server.url }))
    const ask = { ...ASK, model: 'claude-haiku-4-5@20251001' }
    await expect(client.messages.create(ask)).rejects.toThrow('no token')
    expect(await rows()).toMatchObject([{ provider: 'google', status: 'failed', cost: { status: 'released' } }])
    expect(server.requests).toEqual([])
  })

  test('an attempt that was sent once is charged, though its platform could not send it again', async () => {
    const { ledger, server, rows } = await story(sdk, { ledger: { limits: { budget: usd(1) } } })
    const options = { apiKey: 'k', baseURL: server.url, maxRetries: 0 }
    const client = guardAnthropic(ledger, new (signingOnce(sdk))(options))
    await expect(client.messages.create(ASK)).rejects.toThrow()
    expect(await rows()).toMatchObject([{ status: 'failed', cost: { status: 'charged' } }])
    expect(server.requests).toHaveLength(1)
  })

  test('a client of Foundry is paid for at Azure`s prices, and so are its clones', async () => {
    const { ledger, server, rows } = await story(sdk)
    const Foundry = foundryClass(sdk)
    const client = guardAnthropic(ledger, new Foundry({ apiKey: 'k', baseURL: server.url }))
    await client.withOptions({ timeout: 9_000 }).messages.create(ASK)
    expect(await rows()).toMatchObject([{ provider: 'azure', cost: { tokens: TOKENS } }])
    expect(outcomes(await rows())).toEqual([['succeeded', 'settled']])
  })
})

function answerOf(json: object) {
  expect(json).not.toHaveProperty('model')
  return { json: MESSAGE }
}

const MESSAGE = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-haiku-4-5-20251001',
  content: [{ type: 'text', text: 'Hello there' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 30, output_tokens: 12 },
}
