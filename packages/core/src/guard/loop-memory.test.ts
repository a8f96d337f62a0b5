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
    const agent = new GuardedAgent({}, { attempt: 2 })
    for (let time = 0; time < 5; time++) agent.serve('search', '{}', 'nothing')
    expect(agent.guard.takeAdvice(agent.lane)).toContain('5 times in a row')
    expect(agent.callTimes(9, 'search', '{}', 'nothing')).toBe(5)
  })

  test('counts in a later attempt as far as that made it itself', () => {
    const agent = new GuardedAgent({}, { attempt: 2 })
    for (let time = 0; time < 5; time++) agent.serve('search', '{}', 'nothing')
    for (let time = 0; time < 4; time++) agent.serve('search', '{}', 'nothing', { attempt: 2 })
    expect(agent.callTimes(9, 'search', '{}', 'nothing')).toBe(1)
    expect(agent.told.map(({ count }) => count)).toEqual([5])
  })

  test('was one call as far as it was made side by side', () => {
    const agent = new GuardedAgent()
    for (let ended = 1; ended <= 6; ended++) {
      const span = { measure: 'answers', began: ended < 4 ? 0 : 3, ended } as const
      agent.serve('search', '{}', 'nothing', { span })
    }
    expect(agent.guard.counts()).toMatchObject([{ count: 2 }])
    expect(agent.callTimes(9, 'search', '{}', 'nothing')).toBe(3)
  })

  test('stops nothing in a run that is only gone through again, and advises there', () => {
    const agent = new GuardedAgent({}, { stops: false })
    for (let time = 0; time < 5; time++) agent.announce('search', '{}')
    expect(agent.guard.takeAdvice(agent.lane)).toContain('5 times in a row')
    expect(agent.callTimes(9, 'search', '{}', 'nothing')).toBe(9)
    expect(agent.told).toEqual([])
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

test('what nobody can compare is another answer each time', () => {
  const agent = new GuardedAgent({ windowMs: 60_000, sameResult: 2 })
  for (let time = 0; time < 50; time++) {
    const watched = agent.guard.watch({ lane: agent.lane, tool: 'open', args: '{}', secret: false })
    expect(watched?.loop()).toBeUndefined()
    watched?.answered(undefined)
  }
})

test('ten that are asked side by side and know of nothing are one turn of stagnation, told once', () => {
  const agent = new GuardedAgent({ sameResult: 3 })
  const turn = (of: number) => {
    const started = Array.from({ length: 10 }, (_, n) => agent.start('search', `{"n":${of}.${n}}`))
    expect(started.map(({ stopped }) => stopped)).not.toContain(true)
    for (const call of started) call.answer('[]')
  }
  for (const of of [1, 2, 3]) turn(of)
  expect(agent.told.map(({ count }) => count)).toEqual([3])
  expect(agent.call('search', '{}', '[]')).toMatchObject({ detector: 'stagnation', callCount: 4 })
})

describe('a call that is announced with other arguments than it gets', () => {
  test('is the call that follows if that was asked with those', () => {
    const agent = new GuardedAgent()
    const perform = (result: string) => {
      const raw = () => '{"q":1}'
      const watched = agent.guard.watch({ lane: agent.lane, tool: 't', args: '{"n":10,"q":1}', raw, secret: false })
      const loop = watched?.loop()
      if (loop === undefined) watched?.answered(result)
      return loop
    }
    for (let time = 0; time < 5; time++) {
      expect(agent.announce('t', '{"q":1}')).toBeUndefined()
      expect(perform('same')).toBeUndefined()
    }
    expect(agent.guard.counts()).toEqual([{ tool: 't', signature: 't|{"n":10,"q":1}', count: 5 }])
    agent.announce('t', '{"q":1}')
    expect(perform('same')).toMatchObject({ detector: 'repeats', callCount: 6 })
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

  test('forgets two tools, one after the other, and what was to be said of them', () => {
    const agent = new GuardedAgent({ cycle: 1 })
    agent.callTimes(5, 'search', '{}', 'nothing')
    agent.guard.reset('read')
    agent.guard.takeAdvice(agent.lane, 'other')
    agent.guard.reset('search')
    expect(agent.guard.takeAdvice(agent.lane, 'search')).toBeUndefined()
    expect(agent.callTimes(9, 'search', '{}', 'nothing')).toBe(5)
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
