/**
 * What the seeds must be beaten at where effects happen once: I1 to I10. I1 over processes and threads is in test/races,
 * and I5 with a process that is killed in test/crash. A1 to A5 are in acceptance-approvals.test.ts, S1 to S6 in
 * acceptance-compensation.test.ts, acceptance-retries.test.ts and saga-agent.test.ts. The lists for budgets, replay and
 * loops come with what they are about.
 */
import {
  canonicalJson,
  EffectFailedError,
  EffectInProgressError,
  IdempotencyConflictError,
  type ManualClock,
  NotSerializableError,
  type Run,
  tool,
} from 'holdfast'
import { describe, expect, test } from 'vitest'
import { gate, memoryLedger, twoOwners } from './support/ledgers.ts'

const LEASE_MS = 60_000

test('I1: 50 concurrent calls are one execution and 50 equal results, that nobody can spoil for the others', async () => {
  const ledger = memoryLedger()
  let executions = 0
  const charge = tool({ name: 'charge', execute: async (_: { cents: number }) => ({ id: ++executions, lines: [1] }) })
  await ledger.run({ id: 'i1' }, async () => {
    const results = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const result = await charge({ cents: 5 })
        const copy = structuredClone(result)
        result.lines.push(result.lines.length)
        return copy
      }),
    )
    expect(results).toEqual(Array.from({ length: 50 }, () => ({ id: 1, lines: [1] })))
    expect(await charge({ cents: 5 })).toEqual({ id: 1, lines: [1] })
  })
  expect(executions).toBe(1)
})

test('I2: in flight elsewhere is no permission to run, and failed is no success without a result', async () => {
  const { hung, live } = twoOwners()
  const stuck = gate<string>()
  const owner = await hung.open({ id: 'i2', shared: true })
  const other = await live.open({ id: 'i2', shared: true })
  const charge = tool({ name: 'charge', execute: stuck.pass })
  const first = owner.perform(charge, undefined).catch((error: unknown) => error)
  await stuck.entered
  const busy = { wait: { onBusy: 'throw' } } as const
  await expect(other.begin(charge, undefined, busy)).rejects.toThrow(EffectInProgressError)
  stuck.break(new Error('declined, it seems'))
  expect(await first).toMatchObject({ message: 'declined, it seems' })
  expect(await other.begin(charge, undefined)).toMatchObject({ kind: 'failed' })
  await expect(other.perform(charge, undefined)).rejects.toThrow(EffectFailedError)
})

test('I3: the owner’s own heartbeat keeps its lease, with no help of a duplicate', async () => {
  const { clock, hung, live } = twoOwners()
  const stuck = gate<string>()
  const beats: boolean[] = []
  const owner = await hung.open({ id: 'i3', shared: true })
  const other = await live.open({ id: 'i3', shared: true })
  let beat = async (): Promise<boolean> => false
  const slow = tool({
    name: 'slow',
    onUnknown: 'retry',
    execute: (_args: undefined, context) => {
      beat = context.heartbeat
      return stuck.pass()
    },
  })
  const first = owner.perform(slow, undefined)
  await stuck.entered
  for (let minute = 0; minute < 5; minute++) {
    await clock.advance(LEASE_MS - 1)
    beats.push(await beat())
  }
  expect(beats).toEqual([true, true, true, true, true])
  const asked = other.perform(slow, undefined, { wait: { onBusy: 'throw' } })
  await expect(asked).rejects.toThrow(EffectInProgressError)
  stuck.open('done')
  expect(await first).toBe('done')
})

test('I4: a lease is on by default, and a body that lives past it without a sign of life is not waited for', async () => {
  const { clock, hung, live } = twoOwners()
  const stuck = gate<string>()
  const owner = await hung.open({ id: 'i4', shared: true })
  const other = await live.open({ id: 'i4', shared: true })
  const charge = tool({ name: 'charge', execute: stuck.pass })
  const first = owner.perform(charge, undefined)
  await stuck.entered
  const waiting = other.perform(charge, undefined, { wait: { timeoutMs: 10 * LEASE_MS } })
  const waited = waiting.catch((error: unknown) => error)
  await passing(clock, 2 * LEASE_MS, 50)
  expect(await waited).toMatchObject({ code: 'effect-unknown' })
  stuck.open('late evidence')
  await first.catch(() => undefined)
  // It lost to nothing but its lease: what it knows settles the effect.
  expect(await live.effects.list()).toMatchObject([{ status: 'succeeded', result: 'late evidence' }])
})

test('I5: a body that was cut off is unknown, never failed, and its key stays the same for the outside', async () => {
  const ledger = memoryLedger()
  const keys: string[] = []
  const charge = tool({
    name: 'charge',
    onUnknown: 'retry',
    execute: (_args: undefined, { idempotencyKey }) => {
      keys.push(idempotencyKey)
      if (keys.length === 1) throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
      return 'charged'
    },
  })
  await ledger.run({ id: 'i5' }, async () => {
    await expect(charge(undefined)).rejects.toThrow('socket hang up')
    expect(await ledger.effects.list()).toMatchObject([{ status: 'unknown', generation: 1 }])
    expect(await charge(undefined)).toBe('charged')
  })
  expect(keys[1]).toBe(keys[0])
})

test('I6: what to try again is the tool’s policy', async () => {
  const ledger = memoryLedger()
  const attempts: number[] = []
  const flaky = tool({
    name: 'flaky',
    retry: { attempts: 4, backoff: { initialMs: 1, jitter: 0 }, when: (error) => String(error).includes('again') },
    execute: (_args: undefined, { attempt }) => {
      attempts.push(attempt)
      throw new Error(attempt < 3 ? 'try again' : 'for good')
    },
  })
  await ledger.run({ id: 'i6' }, async () => expect(flaky(undefined)).rejects.toThrow('for good'))
  expect(attempts).toEqual([1, 2, 3])
})

describe('I7: a key', () => {
  test('is the same for the same arguments and another for all others', async () => {
    const ledger = memoryLedger()
    let executions = 0
    const note = tool({ name: 'note', execute: (_: unknown) => ++executions })
    const same = [
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
        { a: 1, b: 2, c: undefined },
      ],
      [{ n: 0 }, { n: -0 }],
      [{ n: 1 }, { n: 1.0 }, { n: 1 }],
    ]
    const others = [
      '1',
      1,
      true,
      'true',
      null,
      [],
      {},
      [null],
      [[]],
      { '': null },
      '\u00e9',
      'e\u0301',
      '\u{1f600}',
      1e21,
    ]
    await ledger.run({ id: 'i7' }, async () => {
      for (const group of same) for (const args of group) await note(args)
      expect(executions).toBe(same.length)
      for (const args of others) await note(args)
    })
    expect(executions).toBe(same.length + others.length)
  })

  test.each([
    ['a BigInt', 1n],
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['a Map', new Map([[1, 2]])],
    ['a Set', new Set([1])],
    ['an instance of a class', new (class Order {})()],
    ['half a character', '\ud83d'],
    ['undefined in an array', [undefined]],
  ])('is not made of %s: nothing is started', async (_, value) => {
    const ledger = memoryLedger()
    let executions = 0
    const note = tool({ name: 'note', execute: (_args: unknown) => ++executions })
    expect(() => canonicalJson({ value })).toThrow(NotSerializableError)
    await ledger.run({ id: 'i7' }, async () => {
      await expect(note({ value })).rejects.toThrow(NotSerializableError)
    })
    expect(executions).toBe(0)
    expect(await ledger.effects.list()).toEqual([])
  })
})

describe('I8: what is the same deed', () => {
  test('does not depend on the id that a model gave to its call, where the tool names what matters', async () => {
    const done: string[] = []
    const mail = tool({
      name: 'mail',
      keys: ['to'],
      execute: ({ to, toolCallId }: { to: string; toolCallId: string }) => done.push(`${to} ${toolCallId}`),
    })
    const refund = tool({
      name: 'refund',
      resource: ({ order }) => ({ namespace: 'shop', type: 'order', id: order }),
      execute: ({ order, toolCallId }: { order: string; toolCallId: string }) => done.push(`${order} ${toolCallId}`),
    })
    await memoryLedger().run({ id: 'i8' }, async () => {
      for (const toolCallId of ['call_1', 'call_2']) {
        await mail({ to: 'ann', toolCallId })
        await refund({ order: 'o-1', toolCallId })
      }
    })
    expect(done).toEqual(['ann call_1', 'o-1 call_1'])
  })

  test('may be repeated where the tool says so, or where the caller gives each its own key', async () => {
    const done: number[] = []
    const tick = tool({ name: 'tick', repeatable: true, execute: (_: { n: number }) => done.push(1) })
    const pay = tool({ name: 'pay', execute: (_: { cents: number }) => done.push(2) })
    await memoryLedger().run({ id: 'i8' }, async () => {
      await tick({ n: 1 })
      await tick({ n: 1 })
      await pay({ cents: 5 }, { key: 'first of May' })
      await pay({ cents: 5 }, { key: 'first of June' })
      await pay({ cents: 5 }, { key: 'first of May' })
    })
    expect(done).toEqual([1, 1, 2, 2])
  })

  test('is a conflict when the caller’s own key comes with other arguments', async () => {
    const done: number[] = []
    const pay = tool({ name: 'pay', execute: ({ cents }: { cents: number }) => done.push(cents) })
    const agent = async () => {
      await pay({ cents: 5 }, { key: 'rent' })
      await pay({ cents: 6 }, { key: 'rent' })
    }
    await expect(memoryLedger().run({ id: 'i8' }, agent)).rejects.toThrow(IdempotencyConflictError)
    expect(done).toEqual([5])
  })
})

test('I9: fresh, joined and repeated callers, and those of another process, get deeply equal values', async () => {
  const { live, hung } = twoOwners()
  const value = {
    ...{ text: '\u{1f600}', nothing: null, list: [undefined, 1n, -0, Number.NaN], at: new Date(7) },
    ...{ map: new Map([['a', new Set([1])]]), bytes: new Uint8Array([1, 2]), url: new URL('https://example.com/a') },
  }
  const give = tool({ name: 'give', execute: async () => ({ ...value, dropped: undefined }) })
  const run = await live.open({ id: 'i9', shared: true })
  const [fresh, joined] = await Promise.all([run.perform(give, undefined), run.perform(give, undefined)])
  const hit = await run.perform(give, undefined)
  const elsewhere = await (await hung.open({ id: 'i9', shared: true })).perform(give, undefined)
  for (const got of [fresh, joined, hit, elsewhere]) expect(got).toStrictEqual(value)
})

test('I10: the key for the outside is told to the body, to a claim by hand and in the records, and is safe to send', async () => {
  const ledger = memoryLedger()
  const told: string[] = []
  const charge = tool({
    name: 'charge',
    execute: ({ fail }: { fail?: boolean }, { idempotencyKey, generation }) => {
      told.push(idempotencyKey)
      if (fail === true && generation === 1) throw Object.assign(new Error('declined'), { status: 402 })
    },
  })
  await ledger.run({ id: 'i10' }, async (run: Run) => {
    await charge({})
    await using claim = await run.begin(charge, { fail: false })
    if (claim.kind === 'claimed') {
      told.push(claim.idempotencyKey)
      await claim.commit(undefined)
    }
    await charge({ fail: true }).catch(() => undefined)
    await charge({ fail: true })
  })
  const recorded = (await ledger.effects.list()).map(({ idempotencyKey }) => idempotencyKey)
  expect(told).toEqual(recorded)
  // A service that keeps its first answer, failures too, must see a new key once that life is over.
  expect(new Set(told).size).toBe(4)
  for (const key of told) expect(key).toMatch(/^[\w-]{16,255}$/)
})

/** Lets time pass in steps, so that whoever polls gets its turns. */
async function passing(clock: ManualClock, ms: number, steps: number): Promise<void> {
  for (let step = 0; step < steps; step++) await clock.advance(ms / steps)
}
