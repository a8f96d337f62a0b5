import { type CallView, createLedger, type Limits, memory, type Usd, usd } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { MESSAGE, message } from './support/anthropic-bodies.ts'
import { INPUT } from './support/openai-bodies.ts'
import { response } from './support/openai-responses.ts'
import { ANTHROPIC, OPENAI, type Sdk } from './support/sdks.ts'
import { SSE, sse } from './support/wire-case.ts'
import { type Answer, WireServer } from './support/wire-server.ts'

interface Story<Client> {
  readonly client: Client
  /** The one row, as it is now. */
  row(): Promise<CallView>
}

/** Answers come by method and path; there is one call in the end, and nothing is held. */
async function withAnswers<Client>(
  sdk: Sdk<Client>,
  answers: Readonly<Record<string, Answer>>,
  work: (story: Story<Client>) => Promise<void>,
  limits: Limits = { budget: usd(5) },
): Promise<void> {
  await using server = await WireServer.start(({ method, path }) => answers[`${method} ${path}`] ?? { status: 404 })
  await using ledger = createLedger({ store: memory(), limits })
  const row = async (): Promise<CallView> => {
    const rows = await ledger.calls.list()
    expect(rows).toHaveLength(1)
    return rows[0] as CallView
  }
  await work({ client: sdk.guarded(server.url, ledger), row })
  expect((await row()).cost?.status).not.toBe('open')
  expect((await ledger.verify()).problems).toEqual([])
}

/** All that was held counts, because nobody knows yet. */
async function expectOwed({ row }: Pick<Story<unknown>, 'row'>, externalId: string): Promise<void> {
  const { cost, externalId: known } = await row()
  expect([cost?.status, known]).toEqual(['charged', externalId])
  expect(cost?.spent).toBe(cost?.held)
  expect(cost?.spent).toBeGreaterThan(0)
}

/** Under a hard one batches are refused: nobody can say what they come to. */
const NO_BUDGET: Limits = {}

const answer = (body: object): Answer => ({ body: JSON.stringify(body) })
const QUEUED = answer(response('queued', [], null))
const COMPLETED = response('completed')
/** At the prices of gpt-5: 23 new and 8 cached tokens of input, 12 of output. */
const RESPONSE_COST = usd('0.00014975')

describe.each(OPENAI)('$name: what is told later', (sdk) => {
  const background = (
    done: Answer,
    read: (story: Story<(typeof OPENAI)[number] extends Sdk<infer C> ? C : never>) => unknown,
  ) =>
    withAnswers(sdk, { 'POST /v1/responses': QUEUED, 'GET /v1/responses/resp_1': done }, async (story) => {
      await story.client.responses.create({ ...INPUT, background: true })
      await expectOwed(story, 'openai:resp_1')
      await read(story)
      expect((await story.row()).cost).toMatchObject({ status: 'settled', spent: RESPONSE_COST, tokens: 43 })
    })

  test('a response in the background costs what the answer says that is fetched, however often', () =>
    background(answer(COMPLETED), async ({ client }) => {
      expect(await client.responses.retrieve('resp_1')).toMatchObject(COMPLETED)
      await client.responses.retrieve('resp_1')
    }))

  test('and that is streamed', () => {
    const events = [{ type: 'response.completed', sequence_number: 9, response: COMPLETED }]
    const streamed: Answer = { type: SSE, body: sse(events) }
    const done = { 'POST /v1/responses': QUEUED, 'GET /v1/responses/resp_1?stream=true': streamed }
    return withAnswers(sdk, done, async (story) => {
      await story.client.responses.create({ ...INPUT, background: true })
      await expectOwed(story, 'openai:resp_1')
      for await (const _ of await story.client.responses.retrieve('resp_1', { stream: true }));
      expect((await story.row()).cost).toMatchObject({ status: 'settled', spent: RESPONSE_COST })
    })
  })

  test('one that is still queued stays owed', () =>
    withAnswers(sdk, { 'POST /v1/responses': QUEUED, 'GET /v1/responses/resp_1': QUEUED }, async (story) => {
      await story.client.responses.create({ ...INPUT, background: true })
      await story.client.responses.retrieve('resp_1')
      await expectOwed(story, 'openai:resp_1')
    }))

  test('a batch is corrected by what it says when it is over', () => {
    const batch = { id: 'batch_1', object: 'batch', endpoint: '/v1/responses', model: 'gpt-5' }
    const usage = { input_tokens: 1_000, output_tokens: 100, total_tokens: 1_100 }
    const answers = {
      'POST /v1/batches': answer({ ...batch, status: 'validating' }),
      'GET /v1/batches/batch_1': answer({ ...batch, status: 'completed', usage }),
    }
    return withAnswers(
      sdk,
      answers,
      async ({ client, row }) => {
        await client.batches.create({ input_file_id: 'f', endpoint: '/v1/responses', completion_window: '24h' })
        expect(await row()).toMatchObject({ externalId: 'openai:batch_1', cost: { status: 'charged' } })
        await client.batches.retrieve('batch_1')
        expect((await row()).cost).toMatchObject({ status: 'settled', tokens: 1_100 })
      },
      NO_BUDGET,
    )
  })
})

describe.each(ANTHROPIC)('$name: what is told later', (sdk) => {
  test('a batch is corrected by its results when they are read', () => {
    const batch = { id: 'msgbatch_1', type: 'message_batch', processing_status: 'ended', results_url: '' }
    const lines = ['a', 'b'].map((id) => ({ custom_id: id, result: { type: 'succeeded', message: message() } }))
    const read = '/v1/messages/batches/msgbatch_1'
    const body = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
    const answers: Record<string, Answer> = {
      'POST /v1/messages/batches': answer({ ...batch, processing_status: 'in_progress' }),
      [`GET ${read}`]: answer({ ...batch, results_url: `${read}/results` }),
      [`GET ${read}/results`]: { type: 'application/x-jsonl', body, split: 7 },
    }
    return withAnswers(
      sdk,
      answers,
      async ({ client, row }) => {
        const requests = ['a', 'b'].map((id) => ({ custom_id: id, params: MESSAGE }))
        await client.messages.batches.create({ requests })
        expect(await row()).toMatchObject({ externalId: 'anthropic:msgbatch_1', cost: { status: 'charged' } })
        const seen: unknown[] = []
        for await (const one of await client.messages.batches.results('msgbatch_1')) seen.push(one)
        expect(seen).toEqual(lines)
        const { cost } = await row()
        expect(cost).toMatchObject({ status: 'settled', tokens: 90 })
        expect(cost?.spent).toBeLessThanOrEqual(cost?.held as Usd)
      },
      NO_BUDGET,
    )
  })
})
