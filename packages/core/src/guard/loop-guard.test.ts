import { describe, expect, test } from 'vitest'
import { GuardedAgent } from './testing/guarded-agent.ts'

const UUIDS = ['123e4567-e89b-12d3-a456-426614174000', '123e4567-e89b-12d3-a456-426614174001'] as const

/** Of the tool `write`, with arguments that are too long to be shown. */
const SHOWN = /^write\|#[0-9a-f]{64}$/

describe('the same call in a row', () => {
  test('is stopped at the sixth, and says what it was', () => {
    const agent = new GuardedAgent({}, { runId: 'r' })
    expect(agent.callTimes(9, 'search', '{"query":"x"}', 'nothing')).toBe(5)
    expect(agent.call('search', '{"query":"x"}', 'nothing')).toMatchObject({
      code: 'loop-detected',
      tool: 'search',
      callCount: 6,
      signature: 'search|{"query":"x"}',
      pattern: 'search',
      detector: 'repeats',
      runId: 'r',
    })
  })

  test.each([1, 2, 100])('may be allowed %i times', (repeats) => {
    expect(new GuardedAgent({ repeats }).callTimes(200, 'search', '', 'nothing')).toBe(repeats)
  })

  test('goes on as long as what it is answered changes', () => {
    expect(new GuardedAgent().callTimes(500, 'poll', '{}', String)).toBe(500)
    expect(new GuardedAgent().callTimes(500, 'poll', '{}', (time) => String(Math.floor(time / 4)))).toBe(500)
    expect(new GuardedAgent().callTimes(500, 'poll', '{}', (time) => String(Math.min(100, time)))).toBe(105)
  })

  test('is another call with other arguments, of another tool, or in another lane', () => {
    const agent = new GuardedAgent({ cycle: 1 })
    for (let time = 0; time < 50; time++) {
      expect(agent.call('search', `{"page":${time}}`, 'nothing')).toBeUndefined()
      expect(agent.call(`tool-${time}`, '{}', 'nothing')).toBeUndefined()
      expect(agent.call('search', '{}', 'nothing', {})).toBeUndefined()
    }
  })

  test('begins anew after a call of another', () => {
    const agent = new GuardedAgent()
    expect(agent.callTimes(4, 'search', '{}', 'nothing')).toBe(4)
    agent.call('read', '{}', 'text')
    expect(agent.callTimes(9, 'search', '{}', 'nothing')).toBe(5)
  })

  test('is counted once however many are made side by side', () => {
    const agent = new GuardedAgent()
    for (let turn = 0; turn < 5; turn++) {
      const started = Array.from({ length: 50 }, () => agent.start('search', '{}'))
      expect(started.map(({ stopped }) => stopped)).not.toContain(true)
      for (const call of started) call.answer('nothing')
    }
    expect(agent.guard.counts()).toEqual([{ tool: 'search', signature: 'search|{}', count: 5 }])
    expect(agent.start('search', '{}').stopped).toBe(true)
  })

  test.each([300, 2_047, 2_048, 100_000])('is told apart by %i letters as by a few, and shown as a hash', (length) => {
    const long = (end: string) => `{"text":"${'x'.repeat(length)}${end}"}`
    expect(new GuardedAgent().callTimes(9, 'write', long(''), long('same'))).toBe(5)
    expect(new GuardedAgent().callTimes(50, 'write', '{}', (time) => long(String(time)))).toBe(50)
    const agent = new GuardedAgent()
    for (let time = 0; time < 50; time++) expect(agent.call('write', long(String(time)), 'done')).toBeUndefined()
    for (const { signature } of agent.guard.counts()) expect(signature).toMatch(SHOWN)
    expect(agent.callTimes(9, 'write', long(''), long('same'))).toBe(5)
    expect(agent.call('write', long(''), long('same'))?.signature).toMatch(SHOWN)
    expect(agent.told).toMatchObject([{ signature: expect.stringMatching(SHOWN) }])
  })
})

describe('a cycle', () => {
  /** How many calls of the cycle go through. */
  const rounds = (agent: GuardedAgent, tools: readonly string[]): number => {
    for (let calls = 0; calls < 200; calls++) {
      const tool = tools[calls % tools.length] as string
      if (agent.call(tool, '{}', `of ${tool}`) !== undefined) return calls
    }
    return 200
  }

  test.each([
    [['a', 'b'], 10],
    [['a', 'b', 'c'], 15],
    [['a', 'a', 'b'], 15],
    [['a', 'b', 'c', 'd'], 20],
    [['a', 'b', 'c', 'd', 'e'], 200],
  ])('of %j is stopped after %i calls', (tools, calls) => {
    expect(rounds(new GuardedAgent(), tools)).toBe(calls)
  })

  test('is looked for up to the length that is asked for', () => {
    expect(rounds(new GuardedAgent({ cycle: 2 }), ['a', 'b', 'c'])).toBe(200)
    expect(rounds(new GuardedAgent({ cycle: 1 }), ['a', 'b'])).toBe(200)
    expect(rounds(new GuardedAgent({ repeats: 2 }), ['a', 'b'])).toBe(4)
  })

  test('names its tools in their order', () => {
    const agent = new GuardedAgent({ repeats: 2 })
    for (const tool of ['a', 'b', 'c', 'a', 'b', 'c']) agent.call(tool, '{}', '')
    expect(agent.call('a', '{}', '')).toMatchObject({ detector: 'cycle', pattern: 'a → b → c', callCount: 3 })
  })

  test('is none if one of its answers changes, or the next call is not its own', () => {
    const agent = new GuardedAgent()
    for (let time = 0; time < 50; time++) {
      expect(agent.call('a', '{}', 'same')).toBeUndefined()
      expect(agent.call('b', '{}', String(time))).toBeUndefined()
    }
    const other = new GuardedAgent({ repeats: 2 })
    for (const tool of ['a', 'b', 'a', 'b']) other.call(tool, '{}', '')
    expect(other.call('b', '{}', '')).toBeUndefined()
    expect(other.call('c', '{}', '')).toBeUndefined()
  })
})

describe('a window', () => {
  test('counts over what is called in between, and over lanes', () => {
    const agent = new GuardedAgent({ windowMs: 60_000 })
    for (let time = 0; time < 5; time++) {
      expect(agent.call('search', '{}', 'nothing', {})).toBeUndefined()
      agent.call('note', `{"n":${time}}`, 'noted')
    }
    expect(agent.call('search', '{}', 'nothing')).toMatchObject({ detector: 'window', callCount: 6, windowMs: 60_000 })
  })

  test('lets go of what is older', async () => {
    const agent = new GuardedAgent({ windowMs: 60_000 })
    for (let time = 0; time < 50; time++) {
      expect(agent.call('search', '{}', 'nothing', {})).toBeUndefined()
      await agent.clock.advance(12_001)
    }
    for (let time = 0; time < 5; time++) await agent.clock.advance(12_001)
    for (let time = 0; time < 5; time++) expect(agent.call('search', '{}', 'nothing', {})).toBeUndefined()
    expect(agent.call('search', '{}', 'nothing', {})).toBeDefined()
  })

  test('is broken by an answer that changes', () => {
    const agent = new GuardedAgent({ windowMs: 60_000 })
    for (let time = 0; time < 60; time++) {
      const result = time % 5 === 4 ? String(time) : 'pending'
      expect(agent.call('poll', '{}', result, {})).toBeUndefined()
    }
  })

  test('counts what the record answers from the time at which it was answered', () => {
    const agent = new GuardedAgent({ windowMs: 60_000 })
    const now = agent.clock.now()
    for (let time = 0; time < 5; time++) {
      agent.serve('old', '{}', 'nothing', { at: now - 60_001 })
      agent.serve('new', '{}', 'nothing', { at: now - 59_999 })
      agent.serve('note', `{"n":${time}}`, 'noted', { at: now })
    }
    expect(agent.call('old', '{}', 'nothing')).toBeUndefined()
    expect(agent.call('new', '{}', 'nothing')).toMatchObject({ detector: 'window' })
  })
})

describe('stagnation', () => {
  test('is one tool that always gives the same, whatever it is asked', () => {
    const agent = new GuardedAgent({ sameResult: 3 })
    for (let page = 0; page < 3; page++) {
      expect(agent.call('search', `{"page":${page}}`, '[]')).toBeUndefined()
      agent.call('read', `{"page":${page}}`, `page ${page}`)
    }
    expect(agent.call('read', '{"page":3}', 'page 3')).toBeUndefined()
    expect(agent.call('search', '{"page":3}', '[]')).toMatchObject({ detector: 'stagnation', callCount: 4 })
  })

  test('is not looked for unless it is asked for, and not seen in results that nobody knows', () => {
    const plain = new GuardedAgent()
    const asked = new GuardedAgent({ sameResult: 2 })
    for (let page = 0; page < 50; page++) {
      expect(plain.call('save', `{"page":${page}}`, 'ok')).toBeUndefined()
      expect(asked.announce('save', `{"page":${page}}`)).toBeUndefined()
    }
  })
})

describe('what makes a call another one', () => {
  test('is not an argument that is to be ignored', () => {
    const agent = new GuardedAgent({ ignore: ['at', 'trace'] })
    for (let time = 0; time < 5; time++)
      expect(agent.call('poll', `{"at":${time},"job":7,"trace":"t${time}"}`, 'pending')).toBeUndefined()
    expect(agent.call('poll', '{"at":9,"job":8}', 'pending')).toBeUndefined()
    const other = new GuardedAgent({ ignore: ['at'] })
    for (let time = 0; time < 5; time++) other.call('poll', `{"at":${time},"job":7}`, 'pending')
    expect(other.call('poll', '{"job":7}', 'pending')).toMatchObject({ signature: 'poll|{"job":7}' })
    expect(new GuardedAgent({ ignore: ['0'] }).callTimes(9, 'list', '["at"]', '')).toBe(5)
  })

  test('is a date, a time or a UUID, unless those are to be ignored', () => {
    const ids = (agent: GuardedAgent) =>
      Array.from({ length: 6 }, (_, time) => agent.call('pay', `{"id":"${UUIDS[time % 2]}"}`, 'paid'))
    expect(ids(new GuardedAgent({ cycle: 1 }))).toEqual(Array.from({ length: 6 }))
    expect(ids(new GuardedAgent({ ignoreVolatile: true })).at(-1)).toMatchObject({ signature: 'pay|{"id":"~"}' })
  })

  test('is kept from a signature that may be shown, where the tool hides its arguments', () => {
    const agent = new GuardedAgent()
    for (let time = 0; time < 2; time++)
      agent.guard.watch({ lane: agent.lane, tool: 'pay', args: '{"card":"4711"}', secret: true })?.answered('paid')
    const [count] = agent.guard.counts()
    expect(count).toMatchObject({ tool: 'pay', count: 2, signature: expect.stringMatching(/^pay\|#[0-9a-f]{64}$/) })
  })
})

test('an exempt tool may do the same for ever, and hides no loop of others', () => {
  const agent = new GuardedAgent({ exempt: ['wait'] })
  for (let time = 0; time < 5; time++) {
    expect(agent.call('poll', '{}', 'pending')).toBeUndefined()
    expect(agent.callTimes(9, 'wait', '{}', '')).toBe(9)
  }
  expect(agent.call('poll', '{}', 'pending')).toMatchObject({ detector: 'repeats' })
  expect(agent.guard.counts()).toHaveLength(1)
})

describe('advice', () => {
  test('comes with the last answer that is allowed, once', () => {
    const agent = new GuardedAgent({}, { runId: 'r' })
    agent.callTimes(4, 'search', '{"query":"x"}', 'nothing')
    expect(agent.guard.takeAdvice(agent.lane)).toBeUndefined()
    agent.call('search', '{"query":"x"}', 'nothing')
    const advice = agent.guard.takeAdvice(agent.lane, 'search')
    expect(advice).toContain('search was called 5 times in a row')
    expect(agent.guard.takeAdvice(agent.lane, 'search')).toBeUndefined()
    const signature = 'search|{"query":"x"}'
    expect(agent.told).toEqual([{ runId: 'r', tool: 'search', signature, detector: 'repeats', count: 5, advice }])
  })

  test('is for the tool that was answered last, and for its lane', () => {
    const agent = new GuardedAgent({ repeats: 2 })
    for (const tool of ['a', 'b', 'a', 'b']) agent.call(tool, '{}', '')
    expect(agent.guard.takeAdvice(agent.lane, 'a')).toBeUndefined()
    expect(agent.guard.takeAdvice({})).toBeUndefined()
    expect(agent.guard.takeAdvice(agent.lane, 'b')).toContain('the calls a, b went round 2 times')
  })

  test('is out of date when the tool was answered again', () => {
    const agent = new GuardedAgent({ repeats: 2 })
    agent.callTimes(2, 'a', '{}', 'same')
    agent.call('a', '{"other":1}', 'same')
    expect(agent.guard.takeAdvice(agent.lane)).toBeUndefined()
  })

  test.each([
    [{ windowMs: 1_000, cycle: 1 }, 'called 2 times of late'],
    [{ sameResult: 3, cycle: 1 }, 'gave this same result 3 times'],
  ])('is given with %j', (options, words) => {
    const agent = new GuardedAgent({ repeats: 2, ...options })
    for (const [tool, page] of [
      ['a', 1],
      ['b', 1],
      ['a', 1],
      ['b', 2],
      ['a', 3],
    ] as const) {
      agent.call(tool, `{"page":${page}}`, 'same')
    }
    expect(agent.told.map(({ advice }) => advice)).toEqual([expect.stringContaining(words)])
  })

  test('can be left out, and the stop is the same', () => {
    const agent = new GuardedAgent({ advise: false })
    expect(agent.callTimes(9, 'search', '{}', 'nothing')).toBe(5)
    expect(agent.told).toEqual([])
    expect(agent.guard.takeAdvice(agent.lane)).toBeUndefined()
  })
})
