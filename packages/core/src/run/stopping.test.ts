import { describe, expect, test, vi } from 'vitest'
import { ConfigError } from '../errors/config-error.ts'
import { EffectUnknownError } from '../errors/effect-unknown-error.ts'
import { LeaseLostError } from '../errors/lease-lost-error.ts'
import { RunCanceledError } from '../errors/run-canceled-error.ts'
import { RunHaltedError } from '../errors/run-halted-error.ts'
import { countedTool, gate } from '../testing/counted-tool.ts'
import { temporaryFolder, temporaryLedger } from '../testing/story.ts'
import { ManualClock } from '../util/manual-clock.ts'
import { tool } from './callable-tool.ts'
import type { Run } from './run.ts'

const ID = { id: 'turn-1' }

/** A body that ends only when its signal says so. */
function untilAborted(onAbort?: (reason: unknown) => void) {
  const { promise: started, resolve: start } = Promise.withResolvers<void>()
  const wait = tool({
    name: 'wait',
    execute: (_: undefined, { signal }) =>
      new Promise<string>((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          onAbort?.(signal.reason)
          reject(signal.reason)
        })
        start()
      }),
  })
  return { wait, started }
}

describe('cancel', () => {
  test('from another ledger aborts the body in flight, and the run throws RunCanceledError', async () => {
    const folder = temporaryFolder()
    const aborted = vi.fn()
    const { wait, started } = untilAborted(aborted)
    const charge = countedTool('charge')
    const ended = temporaryLedger({}, folder)
      .run(ID, async (run) => {
        await wait().catch(() => undefined)
        expect(run.signal.aborted).toBe(true)
        await charge({ note: 'tea' }).catch(() => undefined)
      })
      .catch((error: unknown) => error)
    await started
    const other = temporaryLedger({}, folder)
    expect(await other.runs.cancel('turn-1', 'changed my mind')).toBe(true)
    expect(await ended).toBeInstanceOf(RunCanceledError)
    expect(aborted.mock.calls[0]?.[0]).toBeInstanceOf(RunCanceledError)
    expect(charge.done).toEqual([])
    expect((await other.runs.get('turn-1'))?.status).toBe('canceled')
  })

  test('from a process that shares nothing but the file is heard with the next heartbeat', async () => {
    const folder = temporaryFolder()
    const clock = new ManualClock()
    const aborted = vi.fn()
    const { wait, started } = untilAborted(aborted)
    const ended = temporaryLedger({ clock }, folder)
      .run(ID, () => wait())
      .catch((error: unknown) => error)
    await started
    // Another clock is another connection: nothing tells the first one but its own renewal.
    await temporaryLedger({}, folder).runs.cancel('turn-1')
    expect(aborted).not.toHaveBeenCalled()
    await clock.advance(20_000)
    expect(await ended).toBeInstanceOf(RunCanceledError)
    expect(aborted).toHaveBeenCalledOnce()
  })

  test('ends a run for good: opened again it throws, unless it is retried', async () => {
    const ledger = temporaryLedger()
    const run = await ledger.open(ID)
    await ledger.runs.cancel('turn-1')
    await expect(run.perform(countedTool('charge'), { note: 'x' })).rejects.toThrow(RunCanceledError)
    await expect(ledger.run(ID, () => 1)).rejects.toThrow(RunCanceledError)
    expect(await ledger.run({ ...ID, retry: true }, (again) => again.attempt)).toBe(2)
  })

  test('of a run that has ended is false, of one that nobody knows a ConfigError', async () => {
    const ledger = temporaryLedger()
    await ledger.run(ID, () => 1)
    expect(await ledger.runs.cancel('turn-1')).toBe(false)
    await expect(ledger.runs.cancel('nobody')).rejects.toThrow(ConfigError)
  })

  test('of a parent stops its children', async () => {
    const ledger = temporaryLedger()
    const charge = countedTool('charge')
    const ended = ledger.run(ID, () =>
      ledger.run({ id: 'child' }, async () => {
        await ledger.runs.cancel('turn-1')
        await charge({ note: 'tea' })
      }),
    )
    await expect(ended).rejects.toThrow(RunCanceledError)
    expect(charge.done).toEqual([])
  })
})

describe("a run's own signal", () => {
  test.each([
    ['the default reason', undefined],
    ['a reason of any kind', new Error('closed tab')],
  ])('aborts the body in flight, of which then nobody knows what it did: %s', async (_, reason) => {
    const ledger = temporaryLedger()
    const controller = new AbortController()
    const { wait, started } = untilAborted()
    const charge = countedTool('charge')
    const agent = async () => [await charge({ note: 'tea' }), await wait()]
    const first = ledger.run({ ...ID, signal: controller.signal }, agent).catch((error: unknown) => error)
    await started
    controller.abort(reason)
    const error = await first
    expect(error).toBeInstanceOf(EffectUnknownError)
    await ledger.effects.resolve((error as EffectUnknownError).key, { outcome: 'applied', result: 'it did' })
    expect(await ledger.run({ ...ID, retry: true }, agent)).toEqual(['charge of tea', 'it did'])
    expect(charge.done).toEqual(['tea'])
  })

  test('lets a body in flight end that does not mind, and then lets the run go', async () => {
    const ledger = temporaryLedger()
    const controller = new AbortController()
    const body = gate<string>()
    const slow = tool({ name: 'slow', execute: body.pass })
    const agent = async () => [await slow(), await countedTool('charge')({ note: 'tea' })]
    const first = ledger.run({ ...ID, signal: controller.signal }, agent).catch((error: unknown) => error)
    await body.started
    controller.abort(new Error('closed tab'))
    body.open('done')
    expect(await first).toMatchObject({ message: 'closed tab' })
    expect(await ledger.runs.get('turn-1')).toMatchObject({ status: 'running', dead: true })
    expect(await ledger.run(ID, agent)).toEqual(['done', 'charge of tea'])
  })

  test('between two effects lets the run go without a failure', async () => {
    const ledger = temporaryLedger()
    const controller = new AbortController()
    const charge = countedTool('charge')
    const agent = async (run: Run) => {
      const first = await charge({ note: 'tea' })
      if (run.attempt === 1 && !controller.signal.aborted) controller.abort(new Error('closed tab'))
      return [first, await charge({ note: 'milk' })]
    }
    await expect(ledger.run({ ...ID, signal: controller.signal }, agent)).rejects.toThrow('closed tab')
    expect(await ledger.runs.get('turn-1')).toMatchObject({ status: 'running', dead: true })
    expect(charge.done).toEqual(['tea'])
    expect(await ledger.run(ID, agent)).toEqual(['charge of tea', 'charge of milk'])
    expect(charge.done).toEqual(['tea', 'milk'])
  })

  test('that is aborted already starts nothing', async () => {
    const ledger = temporaryLedger()
    const agent = vi.fn()
    const signal = AbortSignal.abort(new Error('gone'))
    await expect(ledger.run({ ...ID, signal }, agent)).rejects.toThrow('gone')
    expect(agent).not.toHaveBeenCalled()
    expect(await ledger.runs.get('turn-1')).toBeUndefined()
  })
})

describe('a halt', () => {
  test('is sticky though the agent swallows it, and is rethrown unwrapped at the end', async () => {
    const ledger = temporaryLedger()
    const charge = countedTool('charge')
    const send = vi.fn(async () => 'said')
    const broken = tool({ name: 'broken', execute: () => Promise.reject(new DOMException('gone', 'AbortError')) })
    let halted: unknown
    const ended = ledger.run(ID, async (run) => {
      // What frameworks do: an error becomes a message to the model, and the loop goes on.
      const said = await broken().catch((error: Error) => {
        halted = error
        return error.message
      })
      for (let turn = 0; turn < 3; turn++) {
        await charge({ note: `turn ${turn}` }).catch(() => undefined)
        await run.call({ provider: 'test', model: 'm', request: { said } }, send).catch(() => undefined)
      }
      return 'all is well'
    })
    const error = await ended.catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(EffectUnknownError)
    expect(error).toBe(halted)
    expect([charge.done, send.mock.calls.length]).toEqual([[], 0])
    expect((await ledger.runs.get('turn-1'))?.status).toBe('failed')
  })

  test('by hand stops what follows, and lets what is in flight end', async () => {
    const ledger = temporaryLedger()
    const body = gate<string>()
    const slow = tool({ name: 'slow', execute: body.pass })
    const ended = ledger
      .run(ID, async (run) => {
        const inFlight = slow()
        await body.started
        await run.halt('a human said so')
        body.open('kept')
        expect(await inFlight).toBe('kept')
        await countedTool('charge')({ note: 'tea' })
      })
      .catch((error: unknown) => error)
    expect(await ended).toBeInstanceOf(RunHaltedError)
    expect(((await ended) as RunHaltedError).reason).toBe('a human said so')
    expect((await ledger.effects.list()).map(({ tool: name, status }) => [name, status])).toEqual([
      ['slow', 'succeeded'],
    ])
  })

  test('of a parent stops its children', async () => {
    const ledger = temporaryLedger()
    const charge = countedTool('charge')
    const ended = ledger.run(ID, (parent) =>
      ledger.run({ id: 'child' }, async () => {
        await parent.halt('enough')
        await charge({ note: 'tea' })
      }),
    )
    await expect(ended).rejects.toThrow(RunHaltedError)
    expect(charge.done).toEqual([])
  })

  test('of a shared run stops its other workers', async () => {
    const folder = temporaryFolder()
    const shared = { ...ID, shared: true }
    const one = await temporaryLedger({}, folder).open(shared)
    const other = await temporaryLedger({ clock: new ManualClock() }, folder).open(shared)
    await one.halt('enough')
    const charge = countedTool('charge')
    await expect(other.perform(charge, { note: 'tea' })).rejects.toThrow(RunHaltedError)
    expect(charge.done).toEqual([])
  })
})

describe('a run that was taken over', () => {
  test('starts no effect, no read, no call and no child, and ends nothing', async () => {
    const folder = temporaryFolder()
    const [old, young] = [new ManualClock(0), new ManualClock(0)]
    const stale = await temporaryLedger({ clock: old }, folder).open(ID)
    await stale.perform(countedTool('charge'), { note: 'tea' })
    await young.advance(60_002)
    const heir = await temporaryLedger({ clock: young }, folder).open(ID)
    const [write, look] = [countedTool('write'), countedTool('look', { effect: 'read' })]
    const send = vi.fn(async () => 'said')
    await expect(stale.perform(write, { note: 'x' })).rejects.toThrow(LeaseLostError)
    await expect(stale.perform(look, { note: 'x' })).rejects.toThrow(LeaseLostError)
    await expect(stale.call({ provider: 'test', model: 'm', request: {} }, send)).rejects.toThrow(LeaseLostError)
    await stale.complete('stolen').catch(() => undefined)
    expect([write.done, look.done, send.mock.calls.length, stale.signal.aborted]).toEqual([[], [], 0, true])
    expect(await heir.perform(countedTool('charge'), { note: 'tea' })).toBe('charge of tea')
    await heir.complete('mine')
    expect(await temporaryLedger({}, folder).run(ID, () => 'again')).toBe('mine')
  })

  test('is taken over only when its owner has not renewed for leaseMs', async () => {
    const folder = temporaryFolder()
    const [old, young] = [new ManualClock(0), new ManualClock(0)]
    await temporaryLedger({ clock: old }, folder).open(ID)
    await old.advance(40_000)
    await young.advance(99_000)
    const other = temporaryLedger({ clock: young }, folder)
    await expect(other.open(ID)).rejects.toThrow('elsewhere')
    await young.advance(1_002)
    expect((await other.open(ID)).id).toBe('turn-1')
  })
})
