import { describe, expect, test, vi } from 'vitest'
import { EffectFailedError } from '../errors/effect-failed-error.ts'
import { EffectUnknownError } from '../errors/effect-unknown-error.ts'
import { NotAppliedError } from '../errors/not-applied-error.ts'
import { RunCanceledError } from '../errors/run-canceled-error.ts'
import { tool } from '../run/callable-tool.ts'
import { gate } from '../testing/counted-tool.ts'
import { eventually } from '../testing/eventually.ts'
import { temporaryLedger } from '../testing/story.ts'
import type { EffectContext, ToolPolicy } from '../tool/tool-definition.ts'
import { ManualClock } from '../util/manual-clock.ts'

const ID = { id: 'turn-1' }
const PATIENT = { initialMs: 100, maxMs: 250, factor: 2, jitter: 0 }

interface Seen {
  readonly attempt: number
  readonly generation: number
  readonly idempotencyKey: string
}

/** A tool whose attempts end as listed; the last one again and again. */
function scripted(endings: readonly (() => unknown)[], policy: ToolPolicy<{ note: string }, unknown>) {
  const seen: Seen[] = []
  const scriptedTool = tool({
    name: 'charge',
    ...policy,
    execute: (_: { note: string }, { attempt, generation, idempotencyKey }: EffectContext): unknown => {
      seen.push({ attempt, generation, idempotencyKey })
      return endings[Math.min(seen.length, endings.length) - 1]?.()
    },
  })
  return { charge: scriptedTool, seen }
}

function failing(error: unknown): () => never {
  return () => {
    throw error
  }
}

const refused = (status: number) => Object.assign(new Error(`HTTP ${status}`), { status })

describe('retry', () => {
  test('waits longer each time, under one downstream key, and counts its attempts in the row', async () => {
    const clock = new ManualClock()
    const ledger = temporaryLedger({ clock })
    const { charge, seen } = scripted([failing(new Error('odd')), failing(refused(503)), () => 'paid'], {
      retry: { attempts: 4, backoff: PATIENT },
    })
    const paid = ledger.run(ID, () => charge({ note: 'tea' }))
    await eventually(() => expect(seen).toHaveLength(1))
    await clock.advance(99)
    expect(seen).toHaveLength(1)
    await clock.advance(1)
    await eventually(() => expect(seen).toHaveLength(2))
    const [effect] = await ledger.effects.list()
    expect(effect).toMatchObject({ status: 'processing', attempt: 2, generation: 1 })
    await clock.advance(199)
    expect(seen).toHaveLength(2)
    await clock.advance(1)
    expect(await paid).toBe('paid')
    expect(seen.map(({ attempt }) => attempt)).toEqual([1, 2, 3])
    expect(new Set(seen.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1)
    expect(await ledger.effects.list()).toMatchObject([{ status: 'succeeded', attempt: 3, generation: 1 }])
    const { entries } = await ledger.runs.export('turn-1')
    expect(entries.filter(({ kind }) => kind === 'effect-retried')).toHaveLength(2)
  })

  test.each([
    ['an odd error is a failure', new Error('odd'), 'failed', 'assumed'],
    ['an answer that was lost is unknown', refused(502), 'unknown', 'in_doubt'],
  ] as const)('ends when its attempts are used up: %s', async (_, error, status, certainty) => {
    const ledger = temporaryLedger()
    const { charge, seen } = scripted([failing(error)], {
      retry: { attempts: 3, backoff: { initialMs: 1, maxMs: 1 } },
    })
    await ledger.run(ID, () => charge({ note: 'tea' })).catch(() => undefined)
    expect(seen).toHaveLength(3)
    expect(await ledger.effects.list()).toMatchObject([{ status, certainty, attempt: 3, generation: 1 }])
  })

  test('leaves alone what is known to have had no effect, but for a rate limit, which is another generation', async () => {
    const ledger = temporaryLedger()
    const policy = { retry: { attempts: 3, backoff: { initialMs: 1, maxMs: 1 } } }
    const declined = scripted([failing(refused(402))], policy)
    const limited = scripted([failing(refused(429)), () => 'paid'], policy)
    await ledger.run({ id: 'declined' }, () => declined.charge({ note: 'tea' })).catch(() => undefined)
    expect(declined.seen).toHaveLength(1)
    expect(await ledger.run({ id: 'limited' }, () => limited.charge({ note: 'tea' }))).toBe('paid')
    expect(limited.seen.map(({ generation }) => generation)).toEqual([1, 2])
    expect(limited.seen[0]?.idempotencyKey).not.toBe(limited.seen[1]?.idempotencyKey)
  })

  test('asks `when`, if there is one', async () => {
    const ledger = temporaryLedger()
    const when = vi.fn((error: unknown) => (error as Error).message === 'again')
    const { charge, seen } = scripted([failing(new Error('again')), failing(new Error('no more'))], {
      retry: { attempts: 5, backoff: { initialMs: 1, maxMs: 1 }, when },
    })
    await expect(ledger.run(ID, () => charge({ note: 'tea' }))).rejects.toThrow('no more')
    expect([seen.length, when.mock.calls.length]).toEqual([2, 2])
  })

  test('pausing when its run is canceled starts no further attempt', async () => {
    const clock = new ManualClock()
    const ledger = temporaryLedger({ clock })
    const { charge, seen } = scripted([failing(new Error('odd'))], { retry: { attempts: 5, backoff: PATIENT } })
    const ended = ledger.run(ID, () => charge({ note: 'tea' })).catch((error: unknown) => error)
    await eventually(() => expect(seen).toHaveLength(1))
    await ledger.runs.cancel('turn-1')
    expect(await ended).toBeInstanceOf(RunCanceledError)
    await clock.advance(10_000)
    expect(seen).toHaveLength(1)
  })

  test('of a read reads again, and records only what it came to', async () => {
    const ledger = temporaryLedger()
    let reads = 0
    const look = tool({
      name: 'look',
      effect: 'read',
      retry: { attempts: 3, backoff: { initialMs: 1, maxMs: 1 } },
      execute: () => {
        if (++reads < 3) throw refused(503)
        return 'seen'
      },
    })
    expect(await ledger.run(ID, () => look())).toBe('seen')
    expect(reads).toBe(3)
    expect((await ledger.runs.export('turn-1')).answers).toHaveLength(1)
  })
})

describe('a failure', () => {
  test('is the error itself for its caller, and an EffectFailedError of the same words for later ones', async () => {
    const ledger = temporaryLedger()
    const { charge, seen } = scripted([failing(new RangeError('too far'))], {})
    await ledger.run(ID, async () => {
      const ask = () => charge({ note: 'tea' }).catch((error: unknown) => error)
      const [first, second] = [await ask(), await ask()]
      expect(first).toBeInstanceOf(RangeError)
      expect(second).toBeInstanceOf(EffectFailedError)
      expect(second).toMatchObject({ name: 'RangeError', message: 'too far', tool: 'charge' })
    })
    expect(seen).toHaveLength(1)
  })

  test('of a declined card, mended by the model in the same run, is a new generation under a new downstream key', async () => {
    const ledger = temporaryLedger()
    const { charge, seen } = scripted([failing(new NotAppliedError('Your card was declined.')), () => 'paid'], {})
    await ledger.run(ID, async () => {
      await expect(charge({ note: 'tea' })).rejects.toThrow('declined')
      expect(await charge({ note: 'tea' })).toBe('paid')
      expect(await charge({ note: 'tea' })).toBe('paid')
    })
    expect(seen.map(({ attempt, generation }) => [attempt, generation])).toEqual([
      [1, 1],
      [1, 2],
    ])
    expect(seen[0]?.idempotencyKey).not.toBe(seen[1]?.idempotencyKey)
    const [effect] = await ledger.effects.list()
    const history = await ledger.effects.history(effect?.key ?? '')
    expect(history.map(({ status, certainty, generation }) => [generation, status, certainty])).toEqual([
      [1, 'failed', 'not_applied'],
      [2, 'succeeded', null],
    ])
  })

  test("is judged by the tool's own certainty first", async () => {
    const ledger = temporaryLedger()
    const { charge, seen } = scripted([failing(refused(500)), () => 'paid'], {
      certainty: (error) => ((error as { status: number }).status === 500 ? 'not_applied' : undefined),
    })
    await ledger.run(ID, async () => {
      await expect(charge({ note: 'tea' })).rejects.toThrow('HTTP 500')
      expect(await charge({ note: 'tea' })).toBe('paid')
    })
    expect(seen.map(({ generation }) => generation)).toEqual([1, 2])
  })
})

describe('timeoutMs', () => {
  test('aborts the signal of the body, whose outcome is then unknown', async () => {
    const clock = new ManualClock()
    const ledger = temporaryLedger({ clock })
    const { promise: started, resolve: start } = Promise.withResolvers<void>()
    const slow = tool({
      name: 'slow',
      timeoutMs: 1_000,
      execute: (_: undefined, { signal }) =>
        new Promise<string>((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason))
          start()
        }),
    })
    const ended = ledger.run(ID, () => slow()).catch((error: unknown) => error)
    await started
    await clock.advance(999)
    expect((await ledger.effects.list())[0]?.status).toBe('processing')
    await clock.advance(1)
    const error = (await ended) as EffectUnknownError
    expect(error).toBeInstanceOf(EffectUnknownError)
    expect(error.cause).toMatchObject({ name: 'TimeoutError' })
    expect(await ledger.effects.list()).toMatchObject([{ status: 'unknown', attempt: 1 }])
  })

  test('gives a body its grace, and takes what it comes to in it', async () => {
    const clock = new ManualClock()
    const ledger = temporaryLedger({ clock })
    const body = gate<string>()
    const slow = tool({ name: 'slow', timeoutMs: 1_000, execute: body.pass })
    const ended = ledger.run(ID, () => slow())
    await body.started
    await clock.advance(1_000)
    await clock.advance(4_999)
    body.open('in the last moment')
    expect(await ended).toBe('in the last moment')
  })

  test('outlived by a body: it keeps its key, is never run beside itself, and settles late', async () => {
    const clock = new ManualClock()
    const ledger = temporaryLedger({ clock })
    const body = gate<string>()
    const execute = vi.fn(body.pass)
    const slow = tool({ name: 'slow', timeoutMs: 1_000, onUnknown: 'retry', retry: { attempts: 3 }, execute })
    const first = ledger.run(ID, () => slow()).catch((error: unknown) => error)
    await body.started
    await clock.advance(6_000)
    await first
    expect((await ledger.effects.list())[0]?.status).toBe('unknown')
    // Declared safe to repeat, but not beside itself.
    const second = await ledger.run({ ...ID, retry: true }, () => slow()).catch((error: unknown) => error)
    expect(second).toBeInstanceOf(Error)
    expect(execute).toHaveBeenCalledOnce()
    body.open('late, and kept')
    await eventually(async () =>
      expect(await ledger.effects.list()).toMatchObject([{ status: 'succeeded', result: 'late, and kept' }]),
    )
    expect(await ledger.run({ ...ID, retry: true }, () => slow())).toBe('late, and kept')
    expect(execute).toHaveBeenCalledOnce()
  })
})
