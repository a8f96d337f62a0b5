import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, expect, test, vi } from 'vitest'
import { RunClosedError } from '../errors/run-closed-error.ts'
import type { Ledger } from '../ledger.ts'
import { countedTool, gate } from '../testing/counted-tool.ts'
import { eventually } from '../testing/eventually.ts'
import { temporaryLedger } from '../testing/story.ts'
import { ManualClock } from '../util/manual-clock.ts'
import { tool } from './callable-tool.ts'
import type { Run } from './run.ts'

const ID = { id: 'turn-1' }

async function statusOf(ledger: Ledger): Promise<string | undefined> {
  return (await ledger.runs.get('turn-1'))?.status
}

function untilStatus(ledger: Ledger, status: string): Promise<void> {
  return eventually(async () => expect(await statusOf(ledger)).toBe(status))
}

describe('what is in flight when a run ends', () => {
  test.each([
    ['fails', 'failed'],
    ['completes', 'completed'],
  ] as const)('an effect is awaited when the run %s', async (how, status) => {
    const ledger = temporaryLedger()
    const body = gate<string>()
    const slow = tool({ name: 'slow', execute: () => body.pass() })
    const ended = ledger
      .run(ID, async () => {
        slow().catch(() => undefined)
        await body.started
        if (how === 'fails') throw new Error('the agent broke')
      })
      .catch((error: unknown) => error)
    await untilStatus(ledger, 'closing')
    body.open('late, and kept')
    const error = await ended
    expect(how === 'fails' ? (error as Error).message : error).toBe(how === 'fails' ? 'the agent broke' : undefined)
    expect(await statusOf(ledger)).toBe(status)
    const { effects, entries } = await ledger.runs.export('turn-1')
    expect(effects).toMatchObject([{ status: 'succeeded', result: 'late, and kept' }])
    expect(entries.map(({ kind }) => kind).slice(-2)).toEqual(['effect-succeeded', 'run-closed'])
  })

  test('new work is refused while it is awaited, also from within its body', async () => {
    const ledger = temporaryLedger()
    const charge = countedTool('charge')
    const body = gate<void>()
    let refusal: unknown
    const slow = tool({
      name: 'slow',
      execute: async () => {
        await body.pass()
        await charge({ note: 'too late' }).catch((error: unknown) => {
          refusal = error
        })
        return 'ended'
      },
    })
    const ended = ledger.run(ID, async () => {
      slow().catch(() => undefined)
      await body.started
    })
    await untilStatus(ledger, 'closing')
    body.open()
    await ended
    expect(refusal).toBeInstanceOf(RunClosedError)
    expect(charge.done).toEqual([])
  })

  test('a model call is awaited and recorded', async () => {
    const ledger = temporaryLedger()
    const answer = gate<string>()
    const ended = ledger.run(ID, async (run) => {
      run.call({ provider: 'test', model: 'm', request: { messages: [] } }, answer.pass).catch(() => undefined)
      await answer.started
    })
    await untilStatus(ledger, 'closing')
    answer.open('said')
    await ended
    expect(await ledger.calls.list()).toMatchObject([{ status: 'succeeded', response: 'said' }])
  })

  test('a promise given to run.waitUntil keeps the run open, and may go on working in it', async () => {
    const ledger = temporaryLedger()
    const charge = countedTool('charge')
    const wait = gate<void>()
    const ended = ledger.run(ID, (run) => {
      run.waitUntil(wait.pass().then(() => charge({ note: 'afterwards' })))
      return 'returned'
    })
    await wait.started
    expect(await statusOf(ledger)).not.toBe('completed')
    wait.open()
    expect(await ended).toBe('returned')
    expect(charge.done).toEqual(['afterwards'])
    expect(await statusOf(ledger)).toBe('completed')
  })
})

describe('work on an ended run', () => {
  async function endedRun(ledger: Ledger) {
    let later: <T>(work: () => T) => T = (work) => work()
    let ended: Run | undefined
    await ledger.run(ID, (run) => {
      later = AsyncLocalStorage.snapshot()
      ended = run
    })
    return { later, run: ended as Run }
  }

  test('a tool that was not awaited is refused', async () => {
    const ledger = temporaryLedger()
    const charge = countedTool('charge')
    const read = countedTool('look', { effect: 'read' })
    const { later, run } = await endedRun(ledger)
    await expect(later(() => charge({ note: 'x' }))).rejects.toThrow(RunClosedError)
    await expect(later(() => read({ note: 'x' }))).rejects.toThrow(RunClosedError)
    await expect(run.begin(charge, { note: 'x' })).rejects.toThrow(RunClosedError)
    await expect(run.value('x', () => 1)).rejects.toThrow(RunClosedError)
    expect(() => run.waitUntil(Promise.resolve())).toThrow(RunClosedError)
    expect([charge.done, read.done]).toEqual([[], []])
  })

  test('a model call, a stream that nobody returned, and a child are refused', async () => {
    const ledger = temporaryLedger()
    const send = vi.fn(async () => 'said')
    const call = (run: Run) => run.call({ provider: 'test', model: 'm', request: {} }, send)
    const { later, run } = await endedRun(ledger)
    async function* stream() {
      yield await call(run)
    }
    await expect(call(run)).rejects.toThrow(RunClosedError)
    await expect(stream().next()).rejects.toThrow(RunClosedError)
    await expect(later(() => ledger.run({ name: 'child' }, () => 1))).rejects.toThrow(RunClosedError)
    expect(send).not.toHaveBeenCalled()
    expect(await ledger.runs.list()).toHaveLength(1)
  })
})

/** The three kinds of streams: each is made of two parts, and the second one charges. */
const KINDS = ['async generator', 'ReadableStream', 'Response'] as const
type Kind = (typeof KINDS)[number]
type Parts = () => AsyncGenerator<string>

function streamOf(kind: Kind, parts: Parts): unknown {
  if (kind === 'async generator') return parts()
  const iterator = parts()
  const encoder = new TextEncoder()
  const readable = new ReadableStream({
    async pull(controller) {
      const { done, value } = await iterator.next()
      if (done) return controller.close()
      controller.enqueue(kind === 'Response' ? encoder.encode(value) : value)
    },
  })
  if (kind === 'ReadableStream') return readable
  return new Response(readable, { status: 201, statusText: 'Made', headers: { 'x-shop': 'tea' } })
}

/** A reader that reads part by part, and gives up when it likes. */
function readerOf(stream: unknown): { next(): Promise<string | undefined>; stop(): Promise<unknown> } {
  if (typeof (stream as AsyncGenerator<string>).next === 'function') {
    const generator = stream as AsyncGenerator<string>
    return { next: async () => (await generator.next()).value, stop: () => generator.return(undefined) }
  }
  const readable = stream instanceof Response ? stream.body : (stream as ReadableStream<unknown>)
  const reader = (readable as ReadableStream<unknown>).getReader()
  const decoder = new TextDecoder()
  return {
    next: async () => {
      const { value } = await reader.read()
      return value instanceof Uint8Array ? decoder.decode(value) : (value as string | undefined)
    },
    stop: () => reader.cancel(),
  }
}

describe.each(KINDS)('an agent that returns a stream: %s', (kind) => {
  function shop(clock?: ManualClock) {
    const ledger = temporaryLedger(clock === undefined ? {} : { clock })
    const charge = countedTool('charge')
    const parts: Parts = async function* () {
      yield 'one'
      yield await charge({ note: 'tea' })
    }
    const serve = (make: Parts = parts) => ledger.run(ID, () => streamOf(kind, make))
    return { ledger, charge, serve }
  }

  test('its run stays open until it is read out', async () => {
    const { ledger, charge, serve } = shop()
    const reader = readerOf(await serve())
    expect(await statusOf(ledger)).toBe('running')
    expect(await reader.next()).toBe('one')
    expect(await reader.next()).toBe('charge of tea')
    expect(await statusOf(ledger)).toBe('running')
    expect(await reader.next()).toBeUndefined()
    await untilStatus(ledger, 'completed')
    expect(charge.done).toEqual(['tea'])
  })

  test('asked again, streams again from the records and touches nothing outside', async () => {
    const { ledger, charge, serve } = shop()
    for (let turn = 1; turn <= 2; turn++) {
      const reader = readerOf(await serve())
      expect([await reader.next(), await reader.next(), await reader.next()]).toEqual([
        'one',
        'charge of tea',
        undefined,
      ])
      await untilStatus(ledger, 'completed')
    }
    expect(charge.done).toEqual(['tea'])
  })

  test('its run is let go when the reader cancels, and goes on when it is asked for again', async () => {
    const { ledger, charge, serve } = shop()
    const reader = readerOf(await serve())
    await reader.next()
    await reader.next()
    await reader.stop()
    await eventually(async () => expect((await ledger.runs.get('turn-1'))?.dead).toBe(true))
    const again = readerOf(await serve())
    expect([await again.next(), await again.next(), await again.next()]).toEqual(['one', 'charge of tea', undefined])
    await untilStatus(ledger, 'completed')
    expect(charge.done).toEqual(['tea'])
  })

  test('its run is let go when nobody reads for idleMs, but not while a part is awaited', async () => {
    const clock = new ManualClock()
    const { ledger, serve } = shop(clock)
    const part = gate<string>()
    const reader = readerOf(
      await serve(async function* () {
        yield 'one'
        yield await part.pass()
      }),
    )
    await clock.advance(59_000)
    expect(await reader.next()).toBe('one')
    const second = reader.next()
    await part.started
    await clock.advance(59_000)
    await clock.advance(59_000)
    part.open('two')
    expect(await second).toBe('two')
    await clock.advance(59_000)
    expect(await ledger.runs.get('turn-1')).toMatchObject({ status: 'running', dead: false })
    await clock.advance(1_000)
    await eventually(async () => expect((await ledger.runs.get('turn-1'))?.dead).toBe(true))
  })

  test('a failure inside reaches its reader, and the run has failed', async () => {
    const { ledger, serve } = shop()
    const reader = readerOf(
      await serve(async function* () {
        yield 'one'
        throw new Error('the stream broke')
      }),
    )
    expect(await reader.next()).toBe('one')
    await expect(reader.next()).rejects.toThrow('the stream broke')
    await untilStatus(ledger, 'failed')
    await expect(serve()).rejects.toThrow('the stream broke')
  })

  test('a halt that the stream swallowed reaches its reader, and fails its run', async () => {
    const { ledger } = shop()
    const parts = (run: Run): Parts =>
      async function* () {
        yield 'one'
        await run.halt('enough')
      }
    const reader = readerOf(await ledger.run(ID, (run) => streamOf(kind, parts(run))))
    expect(await reader.next()).toBe('one')
    await expect(reader.next()).rejects.toThrow('was halted')
    await untilStatus(ledger, 'failed')
  })
})

test('a returned Response keeps its status and its headers', async () => {
  const ledger = temporaryLedger()
  const response = await ledger.run(ID, () => Response.json({ tea: true }, { status: 202, headers: { 'x-shop': 'y' } }))
  expect([response.status, response.headers.get('x-shop')]).toEqual([202, 'y'])
  expect(await response.json()).toEqual({ tea: true })
  await untilStatus(ledger, 'completed')
})

test("the ledger's waitUntil gets what outlives the response, until the run has ended", async () => {
  const outlives: Promise<unknown>[] = []
  const ledger = temporaryLedger({ waitUntil: (promise) => outlives.push(promise) })
  const response = await ledger.run(ID, () => new Response('tea'))
  expect(outlives).toHaveLength(1)
  expect(await response.text()).toBe('tea')
  await Promise.all(outlives)
  expect(await statusOf(ledger)).toBe('completed')
})
