import * as valibot from 'valibot'
import { describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { ConfigError } from '../errors/config-error.ts'
import { EffectInProgressError } from '../errors/effect-in-progress-error.ts'
import { IdempotencyConflictError } from '../errors/idempotency-conflict-error.ts'
import { InvalidArgumentsError } from '../errors/invalid-arguments-error.ts'
import { NotAppliedError } from '../errors/not-applied-error.ts'
import { NotSerializableError } from '../errors/not-serializable-error.ts'
import { tool } from '../run/callable-tool.ts'
import { countedTool, gate } from '../testing/counted-tool.ts'
import { interrupted } from '../testing/interrupted.ts'
import { temporaryFolder, temporaryLedger } from '../testing/story.ts'
import type { EffectContext } from '../tool/tool-definition.ts'
import { systemClock } from '../util/clock.ts'

const ID = { id: 'turn-1' }

describe('a body', () => {
  test('may be sync or async, and need no arguments', async () => {
    const ledger = temporaryLedger()
    const sync = tool({ name: 'sync', execute: () => 'now' })
    const later = tool({ name: 'later', execute: async (args?: { n: number }) => args?.n ?? 'later' })
    const broken = tool({
      name: 'broken',
      execute: (): string => {
        throw new Error('sync throw')
      },
    })
    await ledger.run(ID, async () => {
      expect([await sync(), await later(), await later({ n: 1 })]).toEqual(['now', 'later', 1])
      await expect(broken()).rejects.toThrow('sync throw')
    })
  })

  test('may be a method of an object with state, whose class is the default name', async () => {
    class PaymentTool {
      readonly keys = ['cents'] as const
      #charged = 0
      execute({ cents }: { cents: number; note: string }): number {
        this.#charged += cents
        return this.#charged
      }
    }
    const ledger = temporaryLedger()
    const pay = tool(new PaymentTool())
    expect(pay.toolName).toBe('PaymentTool')
    await ledger.run(ID, async () => {
      expect([await pay({ cents: 5, note: 'a' }), await pay({ cents: 5, note: 'b' })]).toEqual([5, 5])
      expect(await pay({ cents: 7, note: 'a' })).toBe(12)
    })
  })

  test('is told its run, its keys, its attempt, its generation and its epoch, and can beat its heart', async () => {
    const ledger = temporaryLedger()
    let told: EffectContext | undefined
    let isHeld: boolean | undefined
    const charge = tool({
      name: 'charge',
      execute: async (_: undefined, context) => {
        told = context
        isHeld = await context.heartbeat()
      },
    })
    await ledger.run(ID, () => charge())
    const [effect] = await ledger.effects.list()
    expect(told).toMatchObject({ runId: 'turn-1', key: effect?.key, attempt: 1, generation: 1, epoch: 1 })
    expect(told?.idempotencyKey).toBe(effect?.idempotencyKey)
    expect(told?.signal.aborted).toBe(false)
    expect(isHeld).toBe(true)
  })
})

describe('inputSchema', () => {
  const schemas = {
    zod: z.object({ cents: z.coerce.number(), currency: z.string().default('eur') }),
    valibot: valibot.object({
      cents: valibot.pipe(valibot.union([valibot.number(), valibot.string()]), valibot.transform(Number)),
      currency: valibot.optional(valibot.string(), 'eur'),
    }),
  }

  test('of zod makes the key of the parsed value', async () => {
    const ledger = temporaryLedger()
    const charged: unknown[] = []
    const charge = tool({
      name: 'charge',
      inputSchema: schemas.zod,
      execute: (args) => charged.push(args),
    })
    await ledger.run(ID, async () => {
      await charge({ cents: '5' })
      await charge({ cents: 5, currency: 'eur' })
    })
    expect(charged).toEqual([{ cents: 5, currency: 'eur' }])
  })

  test('of valibot makes the key of the parsed value', async () => {
    const ledger = temporaryLedger()
    const charged: unknown[] = []
    const charge = tool({
      name: 'charge',
      inputSchema: schemas.valibot,
      execute: (args) => charged.push(args),
    })
    await ledger.run(ID, async () => {
      await charge({ cents: '5' })
      await charge({ cents: 5, currency: 'eur' })
    })
    expect(charged).toEqual([{ cents: 5, currency: 'eur' }])
  })

  test.each(['zod', 'valibot'] as const)('of %s refuses what does not fit; the agent may mend it', async (name) => {
    const ledger = temporaryLedger()
    const execute = vi.fn(() => 'paid')
    const charge = tool({ name: 'charge', inputSchema: schemas[name] as typeof schemas.zod, execute })
    const paid = await ledger.run(ID, async () => {
      const wrong = { cents: true, currency: 7 } as never
      const error = await charge(wrong).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(InvalidArgumentsError)
      expect((error as InvalidArgumentsError).issues.map(({ path }) => path)).toContain('currency')
      return charge({ cents: 5 })
    })
    expect([paid, execute.mock.calls.length, (await ledger.effects.list()).length]).toEqual(['paid', 1, 1])
  })
})

describe('the key', () => {
  interface Order {
    readonly orderId: number
    readonly note: string
  }

  test.each([
    ['keys', { keys: ['orderId'] }],
    ['resource', { resource: ({ orderId }: Order) => ({ namespace: 'shop', type: 'order', id: orderId }) }],
  ] as const)('made by `%s` answers other arguments, and says that they differ', async (_, policy) => {
    const ledger = temporaryLedger()
    const told = vi.fn()
    ledger.on('effect-deduplicated', told)
    const done: string[] = []
    const refund = tool({
      name: 'refund',
      ...(policy as { keys: ['orderId'] }),
      execute: ({ note }: Order) => done.push(note),
    })
    await ledger.run(ID, async () => {
      await refund({ orderId: 1, note: 'broken' })
      await refund({ orderId: 1, note: 'broken' })
      await refund({ orderId: 1, note: 'the cup was broken' })
      await refund({ orderId: 2, note: 'broken' })
    })
    expect(done).toEqual(['broken', 'broken'])
    expect(told.mock.calls.map(([{ argsDiffer }]) => argsDiffer)).toEqual([false, true])
  })

  test('made by `key` is a conflict with other arguments, which halts the run', async () => {
    const ledger = temporaryLedger()
    const done: string[] = []
    const refund = tool({
      name: 'refund',
      key: ({ orderId }: Order) => orderId,
      execute: ({ note }: Order) => done.push(note),
    })
    const ended = ledger.run(ID, async () => {
      await refund({ orderId: 1, note: 'broken' })
      await refund({ orderId: 1, note: 'broken' })
      await refund({ orderId: 1, note: 'lost' }).catch(() => undefined)
      await refund({ orderId: 2, note: 'late' }).catch(() => undefined)
    })
    await expect(ended).rejects.toThrow(IdempotencyConflictError)
    expect(done).toEqual(['broken'])
  })

  test('may be made by a single call', async () => {
    const ledger = temporaryLedger()
    const done: Order[] = []
    const note = tool({ name: 'note', execute: (order: Order) => done.push(order) })
    await ledger.run(ID, async () => {
      await note({ orderId: 1, note: 'a' }, { keys: ['orderId'] })
      await note({ orderId: 1, note: 'b' }, { keys: ['orderId'] })
      await note({ orderId: 1, note: 'a' }, { resource: { namespace: 'n', type: 't', id: 1 } })
      await note({ orderId: 1, note: 'a' }, { key: 'mine' })
      await expect(note({ orderId: 1, note: 'a' }, { key: 'k', keys: ['orderId'] })).rejects.toThrow(ConfigError)
      await expect(note({ orderId: 1, note: 'a' }, { keys: ['gone'] })).rejects.toThrow(ConfigError)
    })
    expect(done).toHaveLength(3)
  })

  test('knows no order of properties, and refuses what is not plain data', async () => {
    const ledger = temporaryLedger()
    const execute = vi.fn((_args: unknown) => 'done')
    const any = tool({ name: 'any', execute })
    await ledger.run(ID, async () => {
      await any({ a: 1, b: { c: [1], d: undefined } })
      await any({ b: { c: [1] }, a: 1 })
      await expect(any({ callback: () => 1 })).rejects.toThrow(NotSerializableError)
      await expect(any({ price: Number.NaN })).rejects.toThrow('price')
    })
    expect(execute).toHaveBeenCalledOnce()
  })

  test('of a renamed tool stays valid under `was`', async () => {
    const ledger = temporaryLedger()
    const charge = countedTool('charge')
    const renamed = countedTool('charge-card', { was: ['pay', 'charge'] })
    await interrupted(ledger, 'turn-1', () => charge({ note: 'tea' }))
    const answers = await ledger.run(ID, async () => [
      await renamed({ note: 'tea' }),
      await renamed({ note: 'tea' }),
      await renamed({ note: 'milk' }),
    ])
    expect(answers).toEqual(['charge of tea', 'charge of tea', 'charge-card of milk'])
    expect(renamed.done).toEqual(['milk'])
  })

  test('of a repeatable tool counts: the n-th call of a resumed run finds the n-th effect', async () => {
    const ledger = temporaryLedger()
    let sent = 0
    const send = tool({ name: 'send', repeatable: true, execute: (_: { text: string }) => ++sent })
    const twice = async () => [await send({ text: 'hi' }), await send({ text: 'hi' })]
    await interrupted(ledger, 'turn-1', twice)
    expect(sent).toBe(2)
    const answers = await ledger.run(ID, async () => [...(await twice()), await send({ text: 'hi' })])
    expect(answers).toEqual([1, 2, 3])
    expect(sent).toBe(3)
    expect(new Set((await ledger.effects.list()).map(({ idempotencyKey }) => idempotencyKey)).size).toBe(3)
  })

  test('of a repeatable tool tells calls at the same time apart', async () => {
    const ledger = temporaryLedger()
    let sent = 0
    const send = tool({ name: 'send', repeatable: true, execute: async (_: { text: string }) => ++sent })
    const answers = await ledger.run(ID, () => Promise.all([1, 2, 3].map(() => send({ text: 'hi' }))))
    expect(answers).toEqual([1, 2, 3])
  })
})

describe('the same effect asked for again', () => {
  test('tells what to declare if the tool was not meant to be deduplicated', async () => {
    const ledger = temporaryLedger()
    const told = vi.fn()
    ledger.on('effect-deduplicated', told)
    const [unclassified, write] = [countedTool('look-up'), countedTool('charge', { effect: 'write' })]
    await ledger.run(ID, async () => {
      for (const ask of [unclassified, unclassified, write, write]) await ask({ note: 'x' })
    })
    expect(told.mock.calls.map(([{ tool: name, remedy }]) => [name, remedy])).toEqual([
      ['look-up', expect.stringContaining("effect: 'read'")],
      ['charge', undefined],
    ])
  })

  test('is not told of on resume, nor to those who join', async () => {
    const ledger = temporaryLedger()
    const told = vi.fn()
    ledger.on('effect-deduplicated', told)
    const charge = countedTool('charge')
    await interrupted(ledger, 'turn-1', () => charge({ note: 'tea' }))
    await ledger.run(ID, async () => {
      await charge({ note: 'tea' })
      await Promise.all([charge({ note: 'milk' }), charge({ note: 'milk' })])
    })
    expect(told).not.toHaveBeenCalled()
  })

  test('at the same time runs once, and gives everyone a deeply equal value of their own', async () => {
    const ledger = temporaryLedger()
    const body = gate<unknown>()
    const execute = vi.fn(body.pass)
    const charge = tool({ name: 'charge', execute })
    const live = { at: new Date(5), lines: new Map([['tea', { cents: 5n }]]), gone: undefined }
    const answers = await ledger.run(ID, async () => {
      const callers = Array.from({ length: 50 }, () => charge())
      await body.started
      body.open(live)
      return [...(await Promise.all(callers)), await charge()]
    })
    expect(execute).toHaveBeenCalledOnce()
    for (const answer of answers) expect(answer).toStrictEqual({ at: new Date(5), lines: live.lines })
    expect(answers).not.toContain(live)
  })

  test('at the same time joins a failure, too', async () => {
    const ledger = temporaryLedger()
    const execute = vi.fn(async () => Promise.reject(new NotAppliedError('declined')))
    const charge = tool({ name: 'charge', execute })
    await ledger.run(ID, async () => {
      const answers = await Promise.allSettled(Array.from({ length: 10 }, () => charge()))
      expect(answers.map((answer) => answer.status)).toEqual(Array(10).fill('rejected'))
    })
    expect(execute).toHaveBeenCalledOnce()
  })

  test('while it runs over another connection waits for its outcome, or throws when told to', async () => {
    const folder = temporaryFolder()
    const [one, other] = [temporaryLedger({}, folder), temporaryLedger({ clock: { ...systemClock } }, folder)]
    const body = gate<string>()
    const execute = vi.fn(body.pass)
    const refund = tool({
      name: 'refund',
      once: 'ledger',
      keys: ['order'],
      execute: (_: { order: number }) => execute(),
    })
    const first = one.run(() => refund({ order: 1 }))
    await body.started
    await other.run(async () => {
      const busy = await refund({ order: 1 }, { wait: { onBusy: 'throw' } }).catch((error: unknown) => error)
      expect(busy).toBeInstanceOf(EffectInProgressError)
      expect((busy as EffectInProgressError).leaseUntil).toBeGreaterThan(Date.now())
      await expect(refund({ order: 1 }, { wait: { timeoutMs: 20 } })).rejects.toThrow(EffectInProgressError)
      const second = refund({ order: 1 })
      body.open('refunded')
      expect([await first, await second]).toEqual(['refunded', 'refunded'])
    })
    expect(execute).toHaveBeenCalledOnce()
  })
})

describe('a result that cannot be stored', () => {
  class Receipt {
    readonly id = 'r-1'
  }

  test.each([
    ['a class instance', () => new Receipt(), {}],
    ['more than maxValueBytes', () => 'x'.repeat(300), { maxValueBytes: 200 }],
  ] as const)('leaves the effect succeeded, and the live value to its caller: %s', async (_, make, options) => {
    const ledger = temporaryLedger(options)
    const execute = vi.fn(make)
    const charge = tool({ name: 'charge', execute: (): unknown => execute() })
    await ledger.run(ID, async () => {
      const ask = async () => (await charge().catch((error: unknown) => error)) as NotSerializableError
      const [first, second] = [await ask(), await ask()]
      expect([NotSerializableError.isInstance(first), first.value]).toEqual([true, make()])
      expect([NotSerializableError.isInstance(second), 'value' in second]).toEqual([true, false])
    })
    expect(execute).toHaveBeenCalledOnce()
    expect(await ledger.effects.list()).toMatchObject([{ status: 'succeeded', resultKept: false }])
  })

  test('of a read is given back as it is, and read again on resume', async () => {
    const ledger = temporaryLedger()
    const execute = vi.fn(() => new Receipt())
    const look = tool({ name: 'look', effect: 'read', execute })
    await interrupted(ledger, 'turn-1', () => look())
    expect(await ledger.run(ID, () => look())).toBeInstanceOf(Receipt)
    expect(execute).toHaveBeenCalledTimes(2)
  })
})

test('arguments above maxValueBytes are refused, and nothing runs', async () => {
  const ledger = temporaryLedger({ maxValueBytes: 200 })
  const charge = countedTool('charge')
  await ledger.run(ID, async () => {
    await expect(charge({ note: 'x'.repeat(300) })).rejects.toThrow(NotSerializableError)
    expect(await charge({ note: 'tea' })).toBe('charge of tea')
  })
  await expect(ledger.run({ id: 'big', input: 'x'.repeat(300) }, () => 1)).rejects.toThrow(NotSerializableError)
  expect(charge.done).toEqual(['tea'])
})

describe('nested effects', () => {
  test('know their parent', async () => {
    const ledger = temporaryLedger()
    const charge = countedTool('charge')
    const checkout = tool({ name: 'checkout', execute: () => charge({ note: 'tea' }) })
    await ledger.run(ID, () => checkout())
    const effects = await ledger.effects.list()
    const keyOf = (name: string) => effects.find((effect) => effect.tool === name)?.key
    expect(effects.find((effect) => effect.tool === 'charge')?.parentKey).toBe(keyOf('checkout'))
    expect(effects.find((effect) => effect.tool === 'checkout')?.parentKey).toBeNull()
  })

  test('of a body that is tried again get the recorded answers of its lane', async () => {
    const ledger = temporaryLedger()
    const charge = countedTool('charge')
    const look = countedTool('look', { effect: 'read' })
    let tries = 0
    const checkout = tool({
      name: 'checkout',
      retry: { attempts: 2, backoff: { initialMs: 1, maxMs: 1 } },
      execute: async () => {
        const seen = [await look({ note: 'tea' }), await charge({ note: 'tea' })]
        if (++tries === 1) throw new Error('broke after the charge')
        return [...seen, await charge({ note: 'milk' })]
      },
    })
    expect(await ledger.run(ID, () => checkout())).toEqual(['look of tea', 'charge of tea', 'charge of milk'])
    expect([charge.done, look.done, tries]).toEqual([['tea', 'milk'], ['tea'], 2])
  })

  test('that would wait for themselves are refused at once, and the body may go on', async () => {
    const ledger = temporaryLedger()
    const execute = vi.fn((args: { n: number }): Promise<unknown> => again(args).catch((error: unknown) => error))
    const recursive = tool({ name: 'recursive', execute: async (args: { n: number }) => String(await execute(args)) })
    const again = (args: { n: number }): Promise<unknown> => recursive(args)
    expect(await ledger.run(ID, () => recursive({ n: 1 }))).toContain('waiting would never end')
    expect(execute).toHaveBeenCalledOnce()
  })

  test('that wait for one another crosswise are refused in one process', async () => {
    const ledger = temporaryLedger()
    const { a, b, refusals } = crosswise()
    await ledger.run(ID, () => Promise.all([a({ n: 1 }), b({ n: 1 })]))
    expect(refusals).toEqual([expect.any(EffectInProgressError)])
  })

  test('that wait for one another crosswise are refused over two connections', async () => {
    const folder = temporaryFolder()
    const [one, other] = [temporaryLedger({}, folder), temporaryLedger({ clock: { ...systemClock } }, folder)]
    const { a, b, refusals } = crosswise()
    await Promise.all([one.run(() => a({ n: 1 })), other.run(() => b({ n: 1 }))])
    expect(refusals).toEqual([expect.any(EffectInProgressError)])
  })

  /** Two tools of which each, once both have started, calls the other, and goes on if it must not. */
  function crosswise() {
    const refusals: unknown[] = []
    let started = 0
    const both = Promise.withResolvers<void>()
    const crossing = (name: string, other: (args: { n: number }) => Promise<string>) =>
      tool({
        name,
        once: 'ledger',
        keys: ['n'],
        execute: async (args: { n: number }): Promise<string> => {
          if (++started === 2) both.resolve()
          await both.promise
          await other(args).catch((error: unknown) => refusals.push(error))
          return name
        },
      })
    const a: (args: { n: number }) => Promise<string> = crossing('a', (args) => b(args))
    const b: (args: { n: number }) => Promise<string> = crossing('b', (args) => a(args))
    return { a, b, refusals }
  }
})
