import { tool } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { chatEvents } from './fixtures/testing/answers.ts'
import { SDKS } from './fixtures/testing/sdks.ts'
import { CHAT, type Story, story } from './fixtures/testing/story.ts'

const book = tool({ name: 'book', execute: (_: object) => 'booked' })

const OVERLOADED = { status: 500, headers: { 'retry-after-ms': '1' }, json: { error: { message: 'overloaded' } } }

async function text({ client }: Story): Promise<string[]> {
  const stream = await client.chat.completions.create({ ...CHAT, stream: true })
  const said: string[] = []
  for await (const { choices } of stream) said.push(choices[0]?.delta.content ?? '')
  return said
}

describe.each(SDKS)('$name: a run that is resumed', (sdk) => {
  test('gets its answers from the record, as JSON and as a stream, and nothing is sent', async () => {
    const told = await story(sdk)
    const heard: unknown[] = []
    let isDead = true
    const agent = async () => {
      const answer = await told.client.chat.completions.create(CHAT)
      heard.push([answer, answer._request_id, await text(told)])
      await book({})
      if (isDead) throw new Error('died')
      return 'done'
    }
    const options = { id: 'r', onError: 'keep' as const, retry: true }
    await told.ledger.run(options, agent).catch(() => undefined)
    isDead = false
    expect(await told.ledger.run(options, agent)).toBe('done')
    expect(heard[1]).toEqual(heard[0])
    expect(told.server.requests).toHaveLength(2)
  })

  test('goes through the SDK`s retries again, without waiting and without sending', async () => {
    const told = await story(sdk, {
      answer: (_, index) => (index === 0 ? OVERLOADED : { chunks: chatEvents(true) }),
    })
    let isDead = true
    const agent = async () => {
      const said = await text(told)
      await book({})
      if (isDead) throw new Error('died')
      return said
    }
    const options = { id: 'r', onError: 'keep' as const, retry: true }
    await told.ledger.run(options, agent).catch(() => undefined)
    isDead = false
    expect(await told.ledger.run(options, agent)).toEqual(['', 'Hello', ' — thére', ''])
    expect(told.server.requests).toHaveLength(2)
  })
})
