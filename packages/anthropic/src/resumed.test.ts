import { tool } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { answerTo } from './fixtures/testing/answers.ts'
import type { Answer } from './fixtures/testing/replay-server.ts'
import { SDKS, type Sdk } from './fixtures/testing/sdks.ts'
import { ASK, type Story, story } from './fixtures/testing/story.ts'

const book = tool({ name: 'book', execute: (_: object) => 'booked' })

const ERROR = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }
const OVERLOADED: Answer = { status: 529, headers: { 'retry-after-ms': '1' }, json: ERROR }

function text({ client }: Story): Promise<string> {
  return client.messages.stream(ASK).finalText()
}

/** Runs it once, dies, and runs it again. */
async function diesOnce<T>({ ledger }: Story, work: () => Promise<T>): Promise<T> {
  let isDead = true
  const agent = async () => {
    const result = await work()
    await book({})
    if (isDead) throw new Error('died')
    return result
  }
  const options = { id: 'r', onError: 'keep' as const, retry: true }
  await ledger.run(options, agent).catch(() => undefined)
  isDead = false
  return ledger.run(options, agent)
}

function first(sdk: Sdk, answer: Answer): Promise<Story> {
  return story(sdk, { answer: (heard, index) => (index === 0 ? answer : answerTo(heard)) })
}

describe.each(SDKS)('$name: a run that is resumed', (sdk) => {
  test('gets its answers from the record, as JSON and as a stream, and nothing is sent', async () => {
    const told = await story(sdk)
    const heard: unknown[] = []
    await diesOnce(told, async () => {
      const answer = await told.client.messages.create(ASK)
      heard.push([answer, answer._request_id, await text(told)])
    })
    expect(heard[1]).toEqual(heard[0])
    expect(heard).toHaveLength(2)
    expect(told.server.requests).toHaveLength(2)
  })

  test('goes through the SDK`s retries again, without waiting and without sending', async () => {
    const told = await first(sdk, OVERLOADED)
    expect(await diesOnce(told, () => text(told))).toBe('Hello — thére')
    expect(told.server.requests).toHaveLength(2)
  })

  test('retries a connection that broke then, though it is only on record', async () => {
    const told = await first(sdk, { reset: 'before' })
    expect(await diesOnce(told, () => text(told))).toBe('Hello — thére')
    expect(told.server.requests).toHaveLength(2)
  })

  test('ends as it did where the connection never came about', async () => {
    const told = await story(sdk, { answer: () => ({ reset: 'before' }), client: { maxRetries: 0 } })
    const errors: Error[] = []
    await diesOnce(told, () => told.client.messages.create(ASK).catch((error) => errors.push(error)))
    expect(errors.map((error) => [error.constructor, error.message])).toEqual(
      Array(2).fill([sdk.APIConnectionError, 'Connection error.']),
    )
    expect(told.server.requests).toHaveLength(1)
  })
})
