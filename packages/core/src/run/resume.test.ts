import { describe, expect, test } from 'vitest'
import { DivergenceError } from '../errors/divergence-error.ts'
import { EffectUnknownError } from '../errors/effect-unknown-error.ts'
import { Story } from '../testing/story.ts'
import type { WorldAgent } from '../testing/world.ts'
import * as agents from './testing/killed-agents.ts'

const MODULE = new URL('./testing/killed-agents.ts', import.meta.url)
const story = (agent: WorldAgent) => new Story(MODULE, agent)

describe('a killed run, opened again by its id', () => {
  test('serves two concurrent calls whatever order they come in', async () => {
    const shop = story(agents.concurrentCalls)
    await shop.killedAt('charged')
    expect(await shop.resumed()).toEqual(['charge of milk, worded in life 1', 'charge of tea, worded in life 1'])
    expect(shop.newActs).toEqual([])
    expect(shop.acts.filter((act) => act.includes('charged'))).toHaveLength(2)
  })

  test.each(['inner call answered', 'inner effect done', 'tool done', 'all done'])(
    'serves a model call inside a tool, killed when: %s',
    async (point) => {
      const shop = story(agents.callInsideTool)
      await shop.killedAt(point)
      const [found] = (await shop.resumed()) as string[]
      expect(found).toBe('charge of tea in life 1')
      const charges = shop.acts.filter((act) => act.includes('charged'))
      expect(charges.map((act) => act.slice(3))).toEqual([
        'charged tea in life 1',
        `charged the answer of life ${point === 'all done' ? 1 : 2}`,
      ])
      expect(shop.acts.filter((act) => act.includes('model asked'))).toHaveLength(2)
    },
  )

  test('recognises a prompt with the time of day', async () => {
    const shop = story(agents.timeInPrompt)
    await shop.killedAt('charged')
    expect(await shop.resumed()).toBe('charge of tea in life 1')
    expect(shop.newActs).toEqual([])
  })

  test('serves a failure and then a success of one key in their order', async () => {
    const shop = story(agents.failureThenSuccess)
    await shop.killedAt('paid')
    expect(await shop.resumed()).toEqual([
      'Your card was declined.',
      'try again, says life 1',
      'charge of tea',
      'well done, says life 1',
    ])
    expect(shop.newActs).toEqual([])
  })

  test('serves reads around a change as they were, and reads anew after the end of its record', async () => {
    const shop = story(agents.readsAroundAnEdit)
    await shop.killedAt('reviewed')
    expect(await shop.resumed()).toEqual([
      'a.ts after 0 edits in life 1',
      'a.ts after 1 edits in life 1',
      'looks good',
      'a.ts after 0 edits in life 2',
    ])
    expect(shop.newActs).toEqual(['read a.ts'])
  })

  test('halts when it died between an effect and the end of the stream that asked for it', async () => {
    const shop = story(agents.effectInsideStream)
    await shop.killedAt('charged, model still talking')
    const error = await shop.resumed().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(DivergenceError)
    expect((error as DivergenceError).message).toContain('charge')
    expect(shop.acts).toEqual(['1: model asked', '1: charged worded in life 1'])
  })

  test('asks that stream again when its effect has a key of the caller', async () => {
    const shop = story(agents.keyedEffectInsideStream)
    await shop.killedAt('charged, model still talking')
    expect(await shop.resumed()).toBe('charge worded in life 1')
    expect(shop.newActs).toEqual(['model asked'])
  })

  test('does not ask a model that would word its arguments anew', async () => {
    const shop = story(agents.changedParameters)
    await shop.killedAt('charged')
    expect(await shop.resumed()).toBe('charge of tea in life 1')
    expect(shop.acts).toEqual(['1: model asked', '1: charged tea in life 1'])
  })

  test('halts at a prompt that a deploy has changed, and says where it differs', async () => {
    const shop = story(agents.changedPrompt)
    await shop.killedAt('charged')
    const error = (await shop.resumed().catch((thrown: unknown) => thrown)) as DivergenceError
    expect(error).toBeInstanceOf(DivergenceError)
    expect(error).toMatchObject({
      path: 'messages[0].content',
      expected: 'You are a shop.',
      actual: 'You are a friendly shop.',
    })
    expect(shop.newActs).toEqual([])
    const ledger = shop.ledger()
    expect((await ledger.runs.get('turn-1'))?.status).toBe('failed')
  })

  test("goes on at a changed prompt under onResumeMismatch: 'live', and says so", async () => {
    const shop = story(agents.changedPrompt)
    await shop.killedAt('charged')
    expect(await shop.resumed({ onResumeMismatch: 'live' })).toBe('charge of tea in life 2')
    expect(shop.newActs).toEqual(['model asked', 'charged tea in life 2'])
    const entries = (await shop.ledger().runs.export('turn-1')).entries
    expect(entries.map(({ kind }) => kind)).toContain('divergence')
  })

  test('reports changed parameters and tools, and serves the answer all the same', async () => {
    const shop = story(agents.changedParameters)
    await shop.killedAt('charged')
    await shop.resumed()
    const { entries } = await shop.ledger().runs.export('turn-1')
    const divergence = entries.find(({ kind }) => kind === 'divergence')
    expect(JSON.stringify(divergence)).toContain('temperature')
    expect(JSON.stringify(divergence)).toContain('"served":true')
  })

  test('finds its children again, though nobody gave them an id', async () => {
    const shop = story(agents.children)
    await shop.killedAt('two children done')
    expect(await shop.resumed()).toEqual(['charge of tea', 'charge of tea', 'charge of milk'])
    expect(shop.newActs).toEqual(['charged milk'])
    const found = await shop.ledger().runs.list()
    expect(found).toHaveLength(4)
    expect(found.every(({ status }) => status === 'completed')).toBe(true)
  })

  test('resumes the child that it died in', async () => {
    const shop = story(agents.childKilledInside)
    await shop.killedAt('charged in the child')
    const [id, charged] = (await shop.resumed()) as string[]
    expect(id).toMatch(/^turn-1\/shopper-/)
    expect(charged).toBe('charge of tea in life 1')
    expect(shop.newActs).toEqual([])
  })

  test('finds the child that it began inside a tool', async () => {
    const shop = story(agents.childInsideTool)
    await shop.killedAt('child done, tool not')
    const [id, charged] = (await shop.resumed()) as string[]
    expect([id?.startsWith('turn-1/shopper-'), charged]).toEqual([true, 'charge of tea in life 1'])
    expect(shop.newActs).toEqual([])
    expect(await shop.ledger().runs.list()).toHaveLength(2)
  })

  test('finds an effect that is once per ledger', async () => {
    const shop = story(agents.onceEver)
    await shop.killedAt('refunded')
    expect(await shop.resumed()).toEqual(['words of life 1', 'refund of 1', 'refund of 1'])
    expect(shop.newActs).toEqual([])
  })

  test('is given the values, times and ids that it made', async () => {
    const shop = story(agents.recordedValues)
    await shop.killedAt('charged')
    const before = Date.now()
    const [dice, now, first, second] = (await shop.resumed()) as [string, Date, string, string]
    expect(dice).toBe('a 1')
    expect(now).toBeInstanceOf(Date)
    expect(now.getTime()).toBeLessThan(before)
    expect(first).not.toBe(second)
    expect(shop.newActs).toEqual([])
    // And a third time, from the record.
    expect(await shop.resumed()).toEqual([dice, now, first, second])
  })

  test('stops at an effect that died between its deed and its commit', async () => {
    const shop = story(agents.killedInsideEffect)
    await shop.killedAt('charged, not committed')
    await expect(shop.resumed()).rejects.toBeInstanceOf(EffectUnknownError)
    expect(shop.acts).toEqual(['1: charged tea'])
  })

  test('answers hits whose answer rows the crash has lost from their effects', async () => {
    const shop = story(agents.manyHits)
    await shop.killedAt('all answered')
    const answers = (await shop.resumed()) as string[]
    expect(answers).toHaveLength(20)
    expect(answers[7]).toBe('charge of item 3')
    expect(shop.newActs).toEqual([])
    expect((await shop.ledger().verify()).ok).toBe(true)
  })
})
