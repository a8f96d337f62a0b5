import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { redactFields } from '../config/redact-fields.ts'
import { ConfigError } from '../errors/config-error.ts'
import type { LoopDetectedError } from '../errors/loop-detected-error.ts'
import { temporaryLedger } from '../testing/story.ts'
import { tool } from './callable-tool.ts'
import type { Run } from './run.ts'
import { again } from './testing/again.ts'
import { endingOf } from './testing/ending-of.ts'
import { giving } from './testing/giving-tool.ts'

const ID = { id: 'turn-1' }

describe('advice', () => {
  test('is there for the adapter after the last call that is allowed, and told as an event', async () => {
    const ledger = temporaryLedger()
    const search = giving('search', ['nothing'], { effect: 'read' })
    const events: unknown[] = []
    ledger.on('loop-advised', (event) => events.push(event))
    const advice: unknown[] = []
    await endingOf(ledger, ID, async (run) => {
      for (let time = 0; time < 6; time++) {
        await search({ query: 'x' })
        advice.push(run.loops.takeAdvice('search'))
      }
    })
    const text = expect.stringMatching(/^Note: search was called 5 times in a row/)
    expect(advice).toEqual([undefined, undefined, undefined, undefined, text])
    expect(events).toEqual([
      {
        runId: 'turn-1',
        tool: 'search',
        signature: 'search|{"query":"x"}',
        detector: 'repeats',
        count: 5,
        advice: text,
      },
    ])
  })

  test.each([
    ['of a tool that hides them', { record: 'redacted' } as const, {}],
    ['of a ledger that redacts', {}, { redact: redactFields(['card']) }],
  ])('shows no arguments %s', async (_, policy, options) => {
    const ledger = temporaryLedger(options)
    const pay = tool({ name: 'pay', effect: 'read', ...policy, execute: (_args: { card: string }) => 'paid' })
    const seen: unknown[] = []
    ledger.on('loop-advised', (event) => seen.push(event))
    ledger.on('run-halted', (event) => seen.push(event, event.error))
    const error = await endingOf(ledger, ID, () => again(9, () => pay({ card: '4711' })))
    seen.push(error, (error as LoopDetectedError).signature)
    expect(seen.length).toBe(5)
    expect(JSON.stringify(seen)).not.toContain('4711')
    expect((error as LoopDetectedError).signature).toMatch(/^pay\|#/)
  })
})

describe('run.checkLoop', () => {
  test('counts calls that a program makes by itself', async () => {
    const ledger = temporaryLedger()
    let executed = 0
    const error = await endingOf(ledger, ID, async (run) => {
      for (let time = 0; time < 20; time++) {
        await run.checkLoop('search', { query: 'x' })
        executed++
      }
    })
    expect(error).toMatchObject({ code: 'loop-detected', callCount: 6, signature: 'search|{"query":"x"}' })
    expect(executed).toBe(5)
  })

  test('and the tool that is called right after it are one call', async () => {
    const ledger = temporaryLedger()
    const search = giving('search', ['nothing'], { effect: 'read' })
    const poll = giving('poll', [1, 2, 3, 4, 5, 6, 7, 8, 9], { effect: 'read' })
    const checked = async (run: Run, call: typeof search) => {
      await run.checkLoop(call.toolName, { query: 'x' })
      await call({ query: 'x' })
    }
    expect(await ledger.run({ id: 'a' }, (run) => again(9, () => checked(run, poll)))).toBe(9)
    const error = await endingOf(ledger, { id: 'b' }, (run) => again(9, () => checked(run, search)))
    expect(error).toMatchObject({ callCount: 6 })
    expect(search.done).toHaveLength(5)
  })

  test('of no tool is a mistake', async () => {
    const checking = temporaryLedger().run(ID, (run) => run.checkLoop({ query: 'x' } as never))
    await expect(checking).rejects.toThrow(ConfigError)
  })

  test('is one call however many are made side by side, and whatever is performed after each', async () => {
    const ledger = temporaryLedger()
    const search = giving('search', ['nothing'], { effect: 'read' })
    let times: number | undefined
    const error = await endingOf(ledger, ID, async (run) => {
      const checked = async () => {
        await run.checkLoop('search', { query: 'x' })
        await search({ query: 'x' })
      }
      await Promise.all(Array.from({ length: 9 }, checked))
      expect(run.loops.counts()).toMatchObject([{ count: 1 }])
      await Promise.all(Array.from({ length: 9 }, () => run.checkLoop('search', { query: 'y' })))
      expect(run.loops.counts()).toMatchObject([{ count: 1 }, { count: 1 }])
      run.loops.reset()
      await Promise.all(Array.from({ length: 9 }, checked))
      times = await again(9, checked)
    })
    expect(times).toBe(4)
    expect(error).toMatchObject({ callCount: 6 })
  })

  test('and a tool whose schema makes other arguments of them are one call', async () => {
    const ledger = temporaryLedger()
    const inputSchema = z.object({ query: z.string(), limit: z.number().default(10) })
    const search = tool({ name: 'search', effect: 'read', inputSchema, execute: () => 'nothing' })
    const error = await endingOf(ledger, ID, (run) =>
      again(9, async () => {
        await run.checkLoop('search', { query: 'x' })
        await search({ query: 'x' })
      }),
    )
    expect(error).toMatchObject({ detector: 'repeats', callCount: 6 })
  })

  test.each([
    ['that the ledger knows', true],
    ['that was called before', false],
  ])('shows no arguments of a tool that hides them, %s', async (_, isRegistered) => {
    const login = tool({
      name: 'login',
      effect: 'read',
      record: 'hash',
      execute: (_args: { password: string }) => 'no',
    })
    const ledger = temporaryLedger(isRegistered ? { tools: [login] } : {})
    const seen: unknown[] = []
    ledger.on('loop-advised', (event) => seen.push(event))
    const error = await endingOf(ledger, ID, async (run) => {
      if (!isRegistered) await login({ password: 'other' })
      for (let time = 0; time < 9; time++) {
        await run.checkLoop('login', { password: 'hunter2' })
        seen.push(run.loops.counts())
        await login({ password: 'hunter2' })
        seen.push(run.loops.counts())
      }
    })
    expect(error).toMatchObject({ detector: 'repeats', callCount: 6 })
    expect((error as LoopDetectedError).signature).toMatch(/^login\|#/)
    expect(JSON.stringify(seen)).not.toContain('hunter2')
  })

  test('throws nothing for arguments that no key could be made of, and what stops the run, if anything does', async () => {
    const ledger = temporaryLedger()
    const cyclic: Record<string, unknown> = { callback: () => undefined, big: 5n }
    cyclic.self = cyclic
    const error = await endingOf(ledger, ID, (run) => again(9, () => run.checkLoop('search', cyclic)))
    expect(error).toMatchObject({ callCount: 6 })
    const halted = await endingOf(ledger, { id: 'b' }, async (run) => {
      await run.halt('enough')
      await run.checkLoop('search')
    })
    expect(halted).toMatchObject({ code: 'run-halted' })
  })
})

test('counts and reset speak of this run, and of nothing where nobody looks', async () => {
  const ledger = temporaryLedger()
  const search = giving('search', ['nothing'], { effect: 'read' })
  await ledger.run({ id: 'a' }, async (run) => {
    await again(3, () => search({ page: 1 }))
    await search({ page: 2 })
    expect(run.loops.counts()).toEqual([
      { tool: 'search', signature: 'search|{"page":2}', count: 1 },
      { tool: 'search', signature: 'search|{"page":1}', count: 3 },
    ])
    run.loops.reset('search')
    expect(run.loops.counts()).toEqual([])
    expect(await again(5, () => search({ page: 2 }))).toBe(5)
  })
  await ledger.run({ id: 'b', limits: { loop: false } }, async (run) => {
    for (let time = 0; time < 9; time++) await run.checkLoop('search')
    expect([run.loops.counts(), run.loops.takeAdvice()]).toEqual([[], undefined])
    run.loops.reset()
  })
})
