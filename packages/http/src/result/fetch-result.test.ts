import { type Ledger, type LedgerOptions, UnmeteredRequestError, usd } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { deniedBy } from '../exchange/denial.ts'
import { anthropic, callsOf, openai, testLedger } from '../exchange/testing/guarded.ts'
import { type Answer, json, modelServer } from '../exchange/testing/model-server.ts'
import { guardFetch } from '../guard-fetch.ts'

const OPENAI = { provider: 'openai' } as const
const ASKED = { model: 'gpt-4o-mini', input: 'Say hi.', background: true } as const
const answer = (status: string, usage: object | null) => ({
  id: 'resp_1',
  object: 'response',
  status,
  model: 'gpt-4o-mini',
  output: [],
  usage,
})
const USAGE = {
  input_tokens: 10,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 5,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 15,
}

const ALLOWING: LedgerOptions = { unboundedCalls: { allowance: usd('0.5') }, unknownPrice: 'allow' }
const BUDGET = { limits: { budget: usd(5) } }

async function spentOn(ledger: Ledger): Promise<number> {
  return (await ledger.scopes.usage('run:r')).spent
}

describe('a response in the background', () => {
  test('counts in full until its result is read, and then by what it used', async () => {
    const ledger = testLedger()
    const pending = json(answer('queued', null))
    const server = await modelServer(
      pending,
      json(answer('in_progress', null)),
      json(answer('completed', USAGE)),
      json(answer('completed', USAGE)),
    )
    const client = openai(server, ledger, OPENAI)
    await ledger.run({ id: 'r', ...BUDGET }, () => client.responses.create(ASKED))
    const [before] = await callsOf(ledger)
    expect(before).toMatchObject({ externalId: 'openai:resp_1', cost: { status: 'charged' } })
    expect(await spentOn(ledger)).toBe(before?.cost.held)
    await client.responses.retrieve('resp_1')
    expect(await spentOn(ledger)).toBe(before?.cost.held)
    // When the first one has its answer, it is corrected.
    await client.responses.retrieve('resp_1')
    const spent = await spentOn(ledger)
    expect(spent).toBe(10 * 150 + 5 * 600)
    await client.responses.retrieve('resp_1')
    expect(await spentOn(ledger)).toBe(spent)
    expect(await ledger.verify()).toMatchObject({ ok: true })
  })

  test('whose result nobody paid for here is read all the same', async () => {
    const server = await modelServer(json(answer('completed', USAGE)))
    const read = await openai(server, testLedger(), OPENAI).responses.retrieve('resp_9')
    expect(read.status).toBe('completed')
  })

  test('whose result is an error is as it was', async () => {
    const server = await modelServer(json({ error: { message: 'Not found.' } }, 404))
    await expect(openai(server, testLedger(), OPENAI).responses.retrieve('resp_9')).rejects.toThrow('404 Not found.')
  })
})

describe('a batch', () => {
  test('of OpenAI counts by what it used as soon as that is read', async () => {
    const ledger = testLedger(ALLOWING)
    const batch = (status: string, usage?: object) =>
      json({ id: 'batch_1', object: 'batch', status, model: 'gpt-4o-mini', usage })
    const server = await modelServer(batch('validating'), batch('in_progress'), batch('completed', USAGE))
    const client = openai(server, ledger, OPENAI)
    const create = { completion_window: '24h', endpoint: '/v1/chat/completions', input_file_id: 'file_1' } as const
    await ledger.run({ id: 'r', ...BUDGET }, () => client.batches.create(create))
    expect(await callsOf(ledger)).toMatchObject([{ externalId: 'openai:batch_1', cost: { status: 'charged' } }])
    expect(await spentOn(ledger)).toBe(usd('0.5'))
    await client.batches.retrieve('batch_1')
    expect(await spentOn(ledger)).toBe(usd('0.5'))
    await client.batches.retrieve('batch_1')
    // At half of the price.
    expect(await spentOn(ledger)).toBe((10 * 150 + 5 * 600) / 2)
  })

  test('of which nothing came costs nothing', async () => {
    const ledger = testLedger(ALLOWING)
    const batch = (status: string) => json({ id: 'batch_1', object: 'batch', status })
    const server = await modelServer(batch('validating'), batch('failed'))
    const client = openai(server, ledger, OPENAI)
    const create = { completion_window: '24h', endpoint: '/v1/chat/completions', input_file_id: 'file_1' } as const
    await ledger.run({ id: 'r', ...BUDGET }, () => client.batches.create(create))
    await client.batches.retrieve('batch_1')
    expect(await spentOn(ledger)).toBe(0)
  })

  test('of Anthropic counts by what its results say', async () => {
    const ledger = testLedger(ALLOWING)
    const message = {
      type: 'message',
      model: 'claude-haiku-4-5',
      usage: { input_tokens: 10, output_tokens: 5, service_tier: 'batch' },
    }
    const lines = ['a', 'b'].map((custom_id) => JSON.stringify({ custom_id, result: { type: 'succeeded', message } }))
    const results: Answer = (response) =>
      void response.writeHead(200, { 'content-type': 'application/x-jsonl' }).end(lines.join('\n'))
    const state = { id: 'msgbatch_1', type: 'message_batch', processing_status: 'ended' }
    const server = await modelServer(
      json({ ...state, processing_status: 'in_progress' }),
      (response, request) =>
        json({ ...state, results_url: `http://${request.headers.host}/v1/messages/batches/msgbatch_1/results` })(
          response,
          request,
        ),
      results,
    )
    const client = anthropic(server, ledger, { provider: 'anthropic' })
    const params = { model: 'claude-haiku-4-5', max_tokens: 10, messages: [{ role: 'user' as const, content: 'Hi.' }] }
    await ledger.run({ id: 'r', ...BUDGET }, () =>
      client.messages.batches.create({ requests: ['a', 'b'].map((custom_id) => ({ custom_id, params })) }),
    )
    expect(await callsOf(ledger)).toMatchObject([
      { model: 'claude-haiku-4-5', externalId: 'anthropic:msgbatch_1', cost: { status: 'charged' } },
    ])
    const ids: string[] = []
    for await (const { custom_id } of await client.messages.batches.results('msgbatch_1')) ids.push(custom_id)
    expect(ids).toEqual(['a', 'b'])
    expect(await spentOn(ledger)).toBe((2 * (10 * 1_000 + 5 * 5_000)) / 2)
    expect(await ledger.verify()).toMatchObject({ ok: true })
  })
})

describe('a request that nobody knows the cost of', () => {
  const ask = (url: string, ledger: Ledger) =>
    guardFetch(ledger, OPENAI)(`${url}/v1/brand/new?key=secret`, { method: 'POST', body: '{}' })

  test('goes through, and the ledger tells of it', async () => {
    const ledger = testLedger()
    const told: unknown[] = []
    ledger.on('request-unmetered', (event) => void told.push(event))
    const server = await modelServer(json({ ok: true }))
    const response = await ledger.run({ id: 'r' }, () => ask(server.url, ledger))
    expect(await response.json()).toEqual({ ok: true })
    expect(told).toEqual([{ runId: 'r', method: 'POST', url: `${server.url}/v1/brand/new` }])
  })

  test('is refused where the ledger says so, and not sent', async () => {
    const server = await modelServer()
    const response = await ask(server.url, testLedger({ unmetered: 'refuse' }))
    expect(response.status).toBe(402)
    expect(response.headers.get('x-holdfast-error')).toBe('unmetered-request')
    expect(UnmeteredRequestError.isInstance(deniedBy(response))).toBe(true)
    expect(server.arrived).toEqual([])
  })
})
