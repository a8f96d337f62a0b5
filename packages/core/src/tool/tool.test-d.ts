import * as valibot from 'valibot'
import { assertType, describe, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import type { AnyTool, EffectContext, Run, Tool, Transaction } from '../index.ts'
import { tool } from '../index.ts'

declare const run: Run

describe('a tool without a schema', () => {
  const charge = tool({
    name: 'charge-card',
    execute: async (args: { cents: number; card?: string }, { idempotencyKey, signal }) => {
      expectTypeOf(idempotencyKey).toEqualTypeOf<string>()
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>()
      return { id: 'ch_1', cents: args.cents }
    },
    keys: ['card'],
    onUnknown: (args, context) => {
      expectTypeOf(args).toEqualTypeOf<{ cents: number; card?: string }>()
      expectTypeOf(context).toEqualTypeOf<EffectContext>()
      return { kind: 'applied', result: { id: 'ch_1', cents: 5 } }
    },
    commit: (transaction, result, args) => {
      expectTypeOf(result).toEqualTypeOf<{ id: string; cents: number }>()
      transaction.prepare('…').run(args.cents, result.id)
    },
  })

  test('infers its name, its arguments and its result', () => {
    type Charge = { cents: number; card?: string }
    expectTypeOf(charge).toEqualTypeOf<Tool<'charge-card', Charge, { id: string; cents: number }>>()
    expectTypeOf(charge.toolName).toEqualTypeOf<'charge-card'>()
    expectTypeOf(charge({ cents: 5 })).resolves.toEqualTypeOf<{ id: string; cents: number }>()
    expectTypeOf(run.perform(charge, { cents: 5 })).resolves.toEqualTypeOf<{ id: string; cents: number }>()
    assertType<AnyTool>(charge)
  })

  test('refuses wrong and missing arguments', () => {
    // @ts-expect-error: the arguments are missing
    charge()
    // @ts-expect-error: a member is missing
    charge({})
    // @ts-expect-error: a text is no number
    charge({ cents: '5' })
    // @ts-expect-error: nobody knows that member
    charge({ cents: 5, note: 'x' })
    // @ts-expect-error: also where a run performs it
    run.perform(charge, { cents: '5' })
    // @ts-expect-error: also where it is begun by hand
    run.begin(charge, {})
  })

  test('gives its result by hand as well', async () => {
    const claim = await run.begin(charge, { cents: 5 })
    if (claim.kind === 'settled') expectTypeOf(claim.result).toEqualTypeOf<{ id: string; cents: number }>()
    // @ts-expect-error: another result
    if (claim.kind === 'claimed') claim.commit('paid')
    // @ts-expect-error: a claim that is not ours cannot be committed
    if (claim.kind === 'busy') claim.commit({ id: 'ch_1', cents: 5 })
  })
})

interface Order {
  readonly orderId: number
  readonly note?: string
}
interface Refund {
  readonly id: string
}
declare function keyOf(order: Order): number
declare function search(order: Order, context: EffectContext): Promise<{ kind: 'applied'; result: Refund }>
declare function write(transaction: Transaction, refund: Refund, order: Order): void

describe('a policy beside a body that takes its context as it comes', () => {
  test('may name arguments and be made of functions that are typed elsewhere', () => {
    const byKeys = tool({ name: 'refund', keys: ['orderId'], execute: (_: Order, { key }): Refund => ({ id: key }) })
    const byNamed = tool({
      name: 'refund',
      key: keyOf,
      onUnknown: search,
      commit: write,
      execute: (_: Order, { key }): Refund => ({ id: key }),
    })
    expectTypeOf(byKeys({ orderId: 1 })).resolves.toEqualTypeOf<Refund>()
    expectTypeOf(byNamed({ orderId: 1 })).resolves.toEqualTypeOf<Refund>()
  })

  test('is held to the arguments and the result of the body', () => {
    // @ts-expect-error: no such argument
    tool({ name: 'refund', keys: ['order'], execute: (_: Order, { key }): Refund => ({ id: key }) })
    // @ts-expect-error: a key of other arguments
    tool({ name: 'refund', key: (_: { sku: string }) => 1, execute: (_: Order, { key }): Refund => ({ id: key }) })
    // @ts-expect-error: a search for something else
    tool({ name: 'refund', onUnknown: search, execute: (_: Order, { key }): string => key })
    // @ts-expect-error: rows of another result
    tool({ name: 'refund', commit: write, execute: (_: Order, { key }): string => key })
  })
})

describe('a tool with a schema', () => {
  test('of zod takes its input type and gives execute its output type', () => {
    const charge = tool({
      name: 'charge',
      inputSchema: z.object({ cents: z.string().transform(Number), currency: z.string().default('eur') }),
      execute: (args) => {
        expectTypeOf(args).toEqualTypeOf<{ cents: number; currency: string }>()
        return args.cents
      },
      key: (args) => {
        expectTypeOf(args).toEqualTypeOf<{ cents: number; currency: string }>()
        return args.currency
      },
    })
    expectTypeOf(charge({ cents: '5' })).resolves.toEqualTypeOf<number>()
    // @ts-expect-error: what goes in is the text
    charge({ cents: 5 })
    // @ts-expect-error: the arguments are missing
    charge()
  })

  test('of valibot takes its input type and gives execute its output type', () => {
    const charge = tool({
      name: 'charge',
      inputSchema: valibot.object({
        cents: valibot.pipe(valibot.string(), valibot.transform(Number)),
        currency: valibot.optional(valibot.string(), 'eur'),
      }),
      execute: async (args) => {
        expectTypeOf(args).toEqualTypeOf<{ cents: number; currency: string }>()
        return args.cents
      },
    })
    expectTypeOf(charge({ cents: '5' })).resolves.toEqualTypeOf<number>()
    // @ts-expect-error: what goes in is the text
    charge({ cents: 5 })
  })
})

test('any tool fits into a list of tools, also one that only throws', () => {
  const never = tool({
    name: 'never',
    execute: () => {
      throw new Error('no')
    },
  })
  const tools: readonly AnyTool[] = [never]
  expectTypeOf(tools).toEqualTypeOf<readonly AnyTool[]>()
})

describe('what is said about an effect afterwards', () => {
  test('knows its result and its arguments', () => {
    const charge = tool({
      name: 'charge',
      execute: async (args: { cents: number }) => ({ id: `ch_${args.cents}` }),
      compensate: (result, args, context) => {
        expectTypeOf(result).toEqualTypeOf<{ id: string }>()
        expectTypeOf(args).toEqualTypeOf<{ cents: number }>()
        expectTypeOf(context.idempotencyKey).toEqualTypeOf<string>()
        expectTypeOf(context.result).toEqualTypeOf<unknown>()
      },
      keep: (result) => result.id,
      approval: ({ cents }) => cents > 5_000,
    })
    expectTypeOf(charge({ cents: 5 })).resolves.toEqualTypeOf<{ id: string }>()
    tool({ name: 'named', execute: (args: { cents: number }) => args.cents, compensate: 'refund' })
    tool({
      name: 'asked',
      execute: (args: { cents: number }) => args.cents,
      approval: { when: async ({ cents }) => cents > 5_000, expiresMs: 60_000, reason: 'much', block: true },
    })
  })
})

describe('arguments', () => {
  test('may be left out where they are optional or none', () => {
    const now = tool({ name: 'now', execute: () => 5 })
    const list = tool({ name: 'list', execute: (args?: { page: number }) => args?.page ?? 0 })
    expectTypeOf(now()).resolves.toEqualTypeOf<number>()
    expectTypeOf(list()).resolves.toEqualTypeOf<number>()
    expectTypeOf(list({ page: 2 })).resolves.toEqualTypeOf<number>()
    // @ts-expect-error: a text is no number
    list({ page: '2' })
  })
})

describe('an object with methods', () => {
  test('infers from execute', () => {
    class Payment {
      execute(args: { cents: number }): Promise<string> {
        return Promise.resolve(`${args.cents}`)
      }
    }
    const pay = tool(new Payment())
    expectTypeOf(pay({ cents: 5 })).resolves.toEqualTypeOf<string>()
    // @ts-expect-error: a text is no number
    pay({ cents: '5' })
  })
})

describe('a definition', () => {
  test('of nothing but a commit has no result', () => {
    const order = tool({ name: 'order', commit: (_transaction, _result, _args: { item: string }) => undefined })
    expectTypeOf(order({ item: 'tea' })).resolves.toEqualTypeOf<undefined>()
    // @ts-expect-error: the item is missing
    order({})
  })

  test('with what this version does not have, or has otherwise, is refused', () => {
    const execute = (args: { cents: number }) => args.cents
    // @ts-expect-error: no body
    tool({ name: 'x' })
    // @ts-expect-error: a compensation of another result
    tool({ name: 'x', execute, compensate: (_result: string) => undefined })
    // @ts-expect-error: neither a yes or no, nor a question
    tool({ name: 'x', execute, approval: 'always' })
    // @ts-expect-error: only what is inside can be covered
    tool({ name: 'x', execute, compensate: () => undefined, covers: 'outer' })
    // @ts-expect-error: no such argument
    tool({ name: 'x', execute, keys: ['dollars'] })
    // @ts-expect-error: another choice
    tool({ name: 'x', execute, onUnknown: 'ignore' })
    // @ts-expect-error: durations are numbers
    tool({ name: 'x', execute, timeoutMs: '10s' })
    // @ts-expect-error: a result of another type
    tool({ name: 'x', execute, onUnknown: () => ({ kind: 'applied', result: 'text' }) })
    // @ts-expect-error: on SQLite a commit is synchronous, and this one says it takes another result
    tool({ name: 'x', execute, commit: (_transaction, _result: string) => undefined })
  })
})
