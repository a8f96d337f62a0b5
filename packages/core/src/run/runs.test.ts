import { describe, expect, test, vi } from 'vitest'
import { ConfigError } from '../errors/config-error.ts'
import { DivergenceError } from '../errors/divergence-error.ts'
import { IdempotencyConflictError } from '../errors/idempotency-conflict-error.ts'
import { NotAppliedError } from '../errors/not-applied-error.ts'
import { NotSupportedError } from '../errors/not-supported-error.ts'
import { RunFailedError } from '../errors/run-failed-error.ts'
import { RunHaltedError } from '../errors/run-halted-error.ts'
import { RunInProgressError } from '../errors/run-in-progress-error.ts'
import type { Ledger } from '../ledger.ts'
import { countedTool, gate } from '../testing/counted-tool.ts'
import { temporaryFolder, temporaryLedger } from '../testing/story.ts'
import { tool } from './callable-tool.ts'
import { currentRun } from './current-run.ts'
import type { Run } from './run.ts'
import type { RunOptions } from './run-options.ts'

const ID = { id: 'turn-1' }

describe('a completed run', () => {
  test('answers its output from the record, without its agent', async () => {
    const folder = temporaryFolder()
    const output = { at: new Date(0), cents: 5n, lines: new Map([['tea', 1]]) }
    expect(await temporaryLedger({}, folder).run(ID, () => output)).toBe(output)
    const agent = vi.fn()
    expect(await temporaryLedger({}, folder).run(ID, agent)).toEqual(output)
    expect(agent).not.toHaveBeenCalled()
  })

  test('answers what setOutput said instead of what the agent returned', async () => {
    const ledger = temporaryLedger()
    const first = await ledger.run(ID, (run) => {
      run.setOutput('for the record')
      return 'for the caller'
    })
    expect([first, await ledger.run(ID, () => 'not asked')]).toEqual(['for the caller', 'for the record'])
  })

  class Answer {
    readonly text: string
    constructor(text: string) {
      this.text = text
    }
  }

  test('whose output is a class instance runs again over its records, and touches nothing outside', async () => {
    const ledger = temporaryLedger()
    const notKept = vi.fn()
    ledger.on('output-not-kept', notKept)
    const charge = countedTool('charge')
    const look = countedTool('look', { effect: 'read' })
    const send = vi.fn(async () => 'said')
    const agent = async (run: Run) => {
      const uuid = await run.uuid()
      const child = await ledger.run({ name: 'child' }, () => charge({ note: 'in the child' }))
      const said = await run.call({ provider: 'test', model: 'm', request: { messages: ['hi'] } }, send)
      return new Answer([uuid, child, said, await charge({ note: 'tea' }), await look({ note: 'tea' })].join())
    }
    const first = await ledger.run(ID, agent)
    expect(notKept).toHaveBeenCalledOnce()
    const before = await ledger.runs.export('turn-1')
    const second = await ledger.run(ID, agent)
    expect(second).toBeInstanceOf(Answer)
    expect(second).toEqual(first)
    expect([charge.done, look.done, send.mock.calls.length]).toEqual([['in the child', 'tea'], ['tea'], 1])
    expect(await ledger.runs.export('turn-1')).toMatchObject({ entries: before.entries })
  })

  test.each<[what: string, act: (run: Run, ledger: Ledger) => Promise<unknown>]>([
    ['a write', () => countedTool('charge')({ note: 'new' })],
    ['a read', () => countedTool('look', { effect: 'read' })({ note: 'new' })],
    ['a model call', (run) => run.call({ provider: 'test', model: 'm', request: {} }, async () => 'said')],
    ['a value', (run) => run.uuid()],
    ['a child', (_, ledger) => ledger.run({ name: 'child' }, () => 1)],
  ])('that runs over its records refuses %s that is not in them', async (_, act) => {
    const ledger = temporaryLedger()
    await ledger.run(ID, () => new Answer('first'))
    await expect(ledger.run(ID, (run) => act(run, ledger))).rejects.toThrow(DivergenceError)
    expect((await ledger.runs.get('turn-1'))?.status).toBe('completed')
    expect([await ledger.effects.list(), (await ledger.runs.list()).length]).toEqual([[], 1])
  })

  test('whose output would come back as something else runs again, too', async () => {
    const ledger = temporaryLedger()
    const agent = vi.fn(() => ({ text: 'said', error: undefined }))
    expect(await ledger.run(ID, agent)).toStrictEqual({ text: 'said', error: undefined })
    expect(await ledger.run(ID, agent)).toStrictEqual({ text: 'said', error: undefined })
    expect(agent).toHaveBeenCalledTimes(2)
  })

  test('whose output is too large to keep is completed all the same', async () => {
    const ledger = temporaryLedger({ maxValueBytes: 200 })
    const agent = vi.fn(() => 'x'.repeat(300))
    expect(await ledger.run(ID, agent)).toHaveLength(300)
    expect(await ledger.runs.get('turn-1')).toMatchObject({ status: 'completed', outputKept: false })
    expect(await ledger.run(ID, agent)).toHaveLength(300)
    expect(agent).toHaveBeenCalledTimes(2)
  })

  test('cannot be opened by hand, and cannot be retried', async () => {
    const ledger = temporaryLedger()
    await ledger.run(ID, () => 'done')
    await expect(ledger.open(ID)).rejects.toThrow(ConfigError)
    expect(await ledger.run({ ...ID, retry: true }, () => 'again')).toBe('done')
  })
})

describe('the same id', () => {
  test('with another input is a conflict, and nothing runs', async () => {
    const ledger = temporaryLedger()
    await ledger.run({ ...ID, input: { order: 1, lines: ['tea'] } }, () => 'done')
    const agent = vi.fn()
    await expect(ledger.run({ ...ID, input: { order: 2 } }, agent)).rejects.toThrow(IdempotencyConflictError)
    expect(agent).not.toHaveBeenCalled()
    expect(await ledger.run({ ...ID, input: { lines: ['tea'], order: 1 } }, agent)).toBe('done')
  })

  test('inside itself is the same run', async () => {
    const ledger = temporaryLedger()
    const charge = countedTool('charge')
    await ledger.run(ID, async (outer) => {
      const pay = () => charge({ note: 'tea' })
      await ledger.run({ name: 'child' }, () =>
        ledger.run(ID, async (inner) => {
          expect(inner).toBe(outer)
          await pay()
        }),
      )
      await pay()
    })
    expect(charge.done).toEqual(['tea'])
  })

  test('executed elsewhere is RunInProgressError, or is joined for its outcome', async () => {
    const folder = temporaryFolder()
    const body = gate<string>()
    const [one, other] = [temporaryLedger({}, folder), temporaryLedger({}, folder)]
    const first = one.run(ID, body.pass)
    await body.started
    const agent = vi.fn()
    const refused = await other.run(ID, agent).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(RunInProgressError)
    expect((refused as RunInProgressError).leaseUntil).toBeGreaterThan(Date.now())
    const joined = other.run({ ...ID, join: true }, agent)
    body.open('done')
    expect(await Promise.all([first, joined])).toEqual(['done', 'done'])
    expect(agent).not.toHaveBeenCalled()
  })

  test('joined, throws what the other one failed with, and goes on with a run that was let go', async () => {
    const ledger = temporaryLedger()
    const failing = gate<string>()
    const failed = ledger.run({ id: 'failing' }, failing.pass).catch(() => undefined)
    await failing.started
    const joined = ledger.run({ id: 'failing', join: true }, () => 'x').catch((error: unknown) => error)
    failing.break(new Error('the agent broke'))
    await failed
    expect(await joined).toBeInstanceOf(RunFailedError)

    const leaving = gate<string>()
    const controller = new AbortController()
    const left = ledger.run({ id: 'left', signal: controller.signal }, leaving.pass).catch(() => undefined)
    await leaving.started
    const successor = ledger.run({ id: 'left', join: true }, () => 'finished by the other')
    controller.abort(new Error('closed tab'))
    leaving.break(new Error('closed tab'))
    await left
    expect(await successor).toBe('finished by the other')
  })
})

test('waiting for a run that is executed elsewhere ends with the signal of whoever waits', async () => {
  const ledger = temporaryLedger()
  const body = gate<string>()
  const first = ledger.run(ID, body.pass)
  await body.started
  const controller = new AbortController()
  const joined = ledger.run({ ...ID, join: true, signal: controller.signal }, () => 'not asked')
  controller.abort(new Error('tired of waiting'))
  await expect(joined).rejects.toThrow('tired of waiting')
  body.open('done')
  expect(await first).toBe('done')
})

describe('a failed run', () => {
  test('throws its stored error, and runs nothing', async () => {
    const ledger = temporaryLedger()
    await expect(ledger.run(ID, () => Promise.reject(new RangeError('too far')))).rejects.toThrow(RangeError)
    const agent = vi.fn()
    const error = (await ledger.run(ID, agent).catch((thrown: unknown) => thrown)) as RunFailedError
    expect(error).toBeInstanceOf(RunFailedError)
    expect(error).toMatchObject({ runId: 'turn-1', runStatus: 'failed', cause: { message: 'too far' } })
    expect(agent).not.toHaveBeenCalled()
  })

  test('opened with retry asks the failure that ended it anew, and keeps what succeeded', async () => {
    const ledger = temporaryLedger()
    const charge = countedTool('charge')
    let isUp = false
    const ship = tool({
      name: 'ship',
      execute: () => {
        if (!isUp) throw new NotAppliedError('The carrier is closed.')
        return 'shipped'
      },
    })
    const send = vi.fn(async () => 'tea, please')
    const agent = async (run: Run) => {
      const note = await run.call({ provider: 'test', model: 'm', request: { messages: ['What?'] } }, send)
      return [run.attempt, await charge({ note }), await ship()]
    }
    await expect(ledger.run(ID, agent)).rejects.toThrow('The carrier is closed.')
    isUp = true
    expect(await ledger.run({ ...ID, retry: true }, agent)).toEqual([2, 'charge of tea, please', 'shipped'])
    expect([charge.done, send.mock.calls.length]).toEqual([['tea, please'], 1])
    expect(await ledger.runs.get('turn-1')).toMatchObject({ status: 'completed', attempt: 2, error: null })
  })

  test('opened with retry asks a model call that ended it again, but serves one that the agent went on from', async () => {
    const ledger = temporaryLedger()
    const answers: (() => string)[] = []
    const send = vi.fn(async () => (answers.shift() as () => string)())
    const down = () => {
      throw new Error('overloaded')
    }
    const agent = async (run: Run) => {
      const ask = (question: string) =>
        run.call({ provider: 'test', model: 'm', request: { messages: [question] } }, send)
      const first = await ask('one').catch((error: Error) => error.message)
      return [first, await ask('two')]
    }
    answers.push(down, down)
    await expect(ledger.run(ID, agent)).rejects.toThrow('overloaded')
    answers.push(() => 'at last')
    expect(await ledger.run({ ...ID, retry: true }, agent)).toEqual(['overloaded', 'at last'])
    expect(send).toHaveBeenCalledTimes(3)
  })

  test('whose child failed is retried together with that child', async () => {
    const ledger = temporaryLedger()
    let isUp = false
    const agent = () => ledger.run({ name: 'child' }, () => (isUp ? 'up' : Promise.reject(new Error('down'))))
    await expect(ledger.run(ID, agent)).rejects.toThrow('down')
    isUp = true
    expect(await ledger.run({ ...ID, retry: true }, agent)).toBe('up')
  })

  test('has cleared its halt when it is retried', async () => {
    const ledger = temporaryLedger()
    await expect(ledger.run(ID, (run) => run.halt('enough'))).rejects.toThrow(RunHaltedError)
    expect(await ledger.run({ ...ID, retry: true }, () => countedTool('charge')({ note: 'tea' }))).toBe('charge of tea')
  })
})

describe('an opened run', () => {
  test('completes with its output, and has failed when it is disposed of before', async () => {
    const ledger = temporaryLedger()
    {
      await using run = await ledger.open({ id: 'kept', tags: ['vip'], thread: 't-1', name: 'checkout' })
      expect(await run.perform(countedTool('charge'), { note: 'tea' })).toBe('charge of tea')
      await run.complete('done')
    }
    {
      await using _run = await ledger.open({ id: 'forgotten' })
    }
    const kept = await ledger.runs.get('kept')
    expect(kept).toMatchObject({ status: 'completed', output: 'done', tags: ['vip'], thread: 't-1', name: 'checkout' })
    expect((await ledger.runs.get('forgotten'))?.status).toBe('failed')
    expect((await ledger.runs.list({ tag: 'vip' })).map(({ id }) => id)).toEqual(['kept'])
    expect((await ledger.runs.list({ thread: 't-1' })).map(({ id }) => id)).toEqual(['kept'])
  })

  test('fails with the error that it was given', async () => {
    const ledger = temporaryLedger()
    const run = await ledger.open(ID)
    await run.fail(new Error('no stock'))
    await expect(ledger.open(ID)).rejects.toThrow('no stock')
  })

  test('shared by several workers dedupes their effects, and is only let go when one of them leaves', async () => {
    const folder = temporaryFolder()
    const charge = countedTool('charge')
    const shared = { ...ID, shared: true }
    const [one, other] = [temporaryLedger({}, folder), temporaryLedger({}, folder)]
    const worker = await other.open(shared)
    {
      await using leaving = await one.open(shared)
      const both = [leaving, worker].map((run) => run.perform(charge, { note: 'tea' }))
      expect(await Promise.all(both)).toEqual(['charge of tea', 'charge of tea'])
    }
    expect((await other.runs.get('turn-1'))?.status).toBe('running')
    expect(await worker.perform(charge, { note: 'milk' })).toBe('charge of milk')
    await worker.complete()
    expect(charge.done).toEqual(['tea', 'milk'])
    expect((await one.runs.get('turn-1'))?.status).toBe('completed')
    await expect(one.open(ID)).rejects.toThrow(IdempotencyConflictError)
  })
})

describe('a run inside a run', () => {
  test('is its child, unless parent is null; a parent may also be given', async () => {
    const ledger = temporaryLedger()
    await using given = await ledger.open({ id: 'given' })
    await ledger.run(ID, async () => {
      await ledger.run({ id: 'child' }, () => 1)
      await ledger.run({ id: 'alone', parent: null }, () => 2)
      await ledger.run({ id: 'adopted', parent: given }, () => 3)
    })
    const parents = (await ledger.runs.list()).map(({ id, parentId }) => [id, parentId])
    expect(Object.fromEntries(parents)).toEqual({
      given: null,
      'turn-1': null,
      child: 'turn-1',
      alone: null,
      adopted: 'given',
    })
    await given.complete()
  })

  test('inherits the thread, and is the current run of what happens in it', async () => {
    const ledger = temporaryLedger()
    await ledger.run({ ...ID, thread: 't-1' }, async (outer) => {
      await ledger.run({ name: 'child' }, (inner) => {
        expect(currentRun()).toBe(inner)
        expect(inner.thread).toBe('t-1')
      })
      expect(currentRun()).toBe(outer)
    })
  })

  test('that failed throws into its parent, which may go on', async () => {
    const ledger = temporaryLedger()
    const answer = await ledger.run(ID, () =>
      ledger
        .run({ id: 'child' }, () => Promise.reject(new Error('child broke')))
        .catch((error: Error) => error.message),
    )
    expect(answer).toBe('child broke')
    expect((await ledger.runs.get('child'))?.status).toBe('failed')
    expect((await ledger.runs.get('turn-1'))?.status).toBe('completed')
  })
})

describe('an effect that is once per', () => {
  test('thread happens once in all runs of the thread', async () => {
    const ledger = temporaryLedger()
    const welcome = countedTool('welcome', { once: 'thread', keys: ['note'] })
    const turn = (thread: string) => ledger.run({ thread }, () => welcome({ note: 'ann' }))
    expect([await turn('t-1'), await turn('t-1'), await turn('t-2')]).toEqual(Array(3).fill('welcome of ann'))
    expect(welcome.done).toEqual(['ann', 'ann'])
    await expect(ledger.run(() => welcome({ note: 'ann' }))).rejects.toThrow(ConfigError)
  })

  test('ledger happens once ever, in any process', async () => {
    const folder = temporaryFolder()
    const refund = countedTool('refund', { once: 'ledger', keys: ['note'] })
    for (let turn = 0; turn < 3; turn++) {
      const ledger = temporaryLedger({}, folder)
      expect(await ledger.run(() => refund({ note: 'order 42' }))).toBe('refund of order 42')
      await ledger.close()
    }
    expect(refund.done).toEqual(['order 42'])
  })
})

test.each<[string, object]>([
  ['limits that nothing could keep', { limits: { calls: 0 } }],
  ['scopes', { scopes: ['user:ann'] }],
  ['onError misspelt', { onError: 'rollback' }],
  ['onAbort misspelt', { onAbort: 'rollback' }],
  ['an empty id', { id: '' }],
  ['idleMs of 0', { idleMs: 0 }],
])('a run with %s is refused before anything runs, because nothing would honour it', async (_, options) => {
  const ledger = temporaryLedger()
  const agent = vi.fn()
  const error = await ledger.run(options as RunOptions, agent).catch((thrown: unknown) => thrown)
  expect(ConfigError.isInstance(error) || NotSupportedError.isInstance(error)).toBe(true)
  expect(agent).not.toHaveBeenCalled()
})
