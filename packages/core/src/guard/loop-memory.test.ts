import { describe, expect, test } from 'vitest'
import { GuardedAgent } from './testing/guarded-agent.ts'

describe('what the record answers', () => {
  test('counts, and is advised again where it was, and told to nobody', () => {
    const agent = new GuardedAgent()
    for (let time = 0; time < 5; time++) agent.serve('search', '{}', 'nothing')
    expect(agent.told).toEqual([])
    expect(agent.guard.takeAdvice(agent.lane, 'search')).toContain('5 times in a row')
    expect(agent.call('search', '{}', 'nothing')).toMatchObject({ callCount: 6 })
  })

  test('is never stopped itself', () => {
    const agent = new GuardedAgent()
    for (let time = 0; time < 50; time++) agent.serve('search', '{}', 'nothing')
    expect(agent.guard.counts()).toMatchObject([{ count: 50 }])
  })

  test('stops nothing in a later attempt, which was opened to get beyond it', () => {
    const agent = new GuardedAgent({}, { countsServed: false })
    for (let time = 0; time < 5; time++) agent.serve('search', '{}', 'nothing')
    expect(agent.callTimes(9, 'search', '{}', 'nothing')).toBe(5)
  })
})

describe('a call that is announced', () => {
  test('counts although nobody knows what it came to', () => {
    const agent = new GuardedAgent()
    for (let time = 0; time < 5; time++) expect(agent.announce('search', '{}')).toBeUndefined()
    expect(agent.announce('search', '{}')).toMatchObject({ callCount: 6, detector: 'repeats' })
    expect(agent.announce('search', '{"page":2}')).toBeUndefined()
  })

  test('is the call that follows with the same arguments, and has its result', () => {
    const agent = new GuardedAgent()
    for (let time = 0; time < 5; time++) {
      expect(agent.announce('search', '{}')).toBeUndefined()
      expect(agent.call('search', '{}', 'nothing')).toBeUndefined()
    }
    expect(agent.guard.counts()).toMatchObject([{ count: 5 }])
    expect(agent.announce('search', '{}')).toMatchObject({ callCount: 6 })
    const polling = new GuardedAgent()
    for (let time = 0; time < 50; time++) {
      expect(polling.announce('poll', '{}')).toBeUndefined()
      expect(polling.call('poll', '{}', String(time))).toBeUndefined()
    }
  })

  test('is another one than a call with other arguments, and than the second call after it', () => {
    const agent = new GuardedAgent()
    agent.announce('search', '{}')
    agent.call('search', '{"page":2}', 'nothing')
    agent.call('search', '{}', 'nothing')
    expect(agent.guard.counts().map(({ count }) => count)).toEqual([1, 1])
    const twice = new GuardedAgent()
    twice.announce('search', '{}')
    twice.call('search', '{}', 'nothing')
    twice.call('search', '{}', 'nothing')
    expect(twice.guard.counts()).toMatchObject([{ count: 2 }])
  })
})

describe('reset', () => {
  test('forgets one tool', () => {
    const agent = new GuardedAgent({ windowMs: 60_000 })
    agent.callTimes(4, 'read', '{}', 'text')
    agent.callTimes(4, 'search', '{}', 'nothing')
    agent.guard.reset('search')
    expect(agent.guard.counts()).toMatchObject([{ tool: 'read', count: 4 }])
    expect(agent.callTimes(9, 'search', '{}', 'nothing')).toBe(5)
    expect(agent.callTimes(9, 'read', '{}', 'text')).toBe(1)
  })

  test('forgets all of them, in every lane, and what was to be said', () => {
    const agent = new GuardedAgent()
    const other = {}
    agent.callTimes(5, 'search', '{}', 'nothing')
    for (let time = 0; time < 5; time++) agent.call('read', '{}', 'text', other)
    agent.guard.reset()
    expect(agent.guard.counts()).toEqual([])
    expect(agent.guard.takeAdvice(agent.lane)).toBeUndefined()
    expect(agent.callTimes(9, 'search', '{}', 'nothing')).toBe(5)
    expect(agent.call('read', '{}', 'text', other)).toBeUndefined()
  })
})
