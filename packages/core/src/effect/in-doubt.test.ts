import { describe, expect, test } from 'vitest'
import { ConfigError } from '../errors/config-error.ts'
import { EffectUnknownError } from '../errors/effect-unknown-error.ts'
import { tool } from '../run/callable-tool.ts'
import type { Run } from '../run/run.ts'
import { eventually } from '../testing/eventually.ts'
import { FakeModel, nanoOf } from '../testing/fake-model.ts'
import { temporaryLedger } from '../testing/story.ts'
import type { EffectContext, Transaction } from '../tool/tool-definition.ts'
import type { Usd } from '../usd.ts'

const ID = { id: 'turn-1' }
const AT_ONCE = { initialMs: 1, maxMs: 1, factor: 1, jitter: 0 }
const reset = () => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
const status = (code: number) => Object.assign(new Error(`HTTP ${code}`), { status: code })

/** A body whose attempts throw as listed, and then succeed; it tells the downstream key of each. */
function charging(errors: readonly Error[], attempts = 3) {
  const keys: string[] = []
  const charge = tool({
    name: 'charge',
    retry: { attempts, backoff: AT_ONCE },
    execute: (_: { cents: number }, { idempotencyKey }: EffectContext) => {
      const error = errors[keys.push(idempotencyKey) - 1]
      if (error !== undefined) throw error
      return 'paid'
    },
  })
  return { charge, keys }
}

describe('an attempt in doubt', () => {
  test('is not made up for by a later one that had no effect: the downstream key stays', async () => {
    const { charge, keys } = charging([reset(), status(429)])
    await temporaryLedger().run(ID, () => charge({ cents: 5 }))
    expect(keys).toHaveLength(3)
    expect(new Set(keys).size).toBe(1)
  })

  test('leaves the effect unknown when the last attempt was refused', async () => {
    const ledger = temporaryLedger()
    const { charge, keys } = charging([reset(), status(401)])
    await expect(ledger.run(ID, () => charge({ cents: 5 }))).rejects.toThrow(EffectUnknownError)
    expect(keys).toHaveLength(2)
    expect(await ledger.effects.list({ runId: ID.id })).toMatchObject([{ generation: 1, status: 'unknown' }])
  })

  test('is cleared by a refusal of which the tool itself says that it speaks for the key', async () => {
    const ledger = temporaryLedger()
    let tries = 0
    const charge = tool({
      name: 'charge',
      retry: { attempts: 2, backoff: AT_ONCE },
      certainty: (error) => ((error as { status?: number }).status === 402 ? 'not_applied' : undefined),
      execute: (_: { cents: number }): string => {
        throw ++tries === 1 ? reset() : status(402)
      },
    })
    await expect(ledger.run(ID, () => charge({ cents: 5 }))).rejects.toThrow('HTTP 402')
    expect(await ledger.effects.list({ runId: ID.id })).toMatchObject([{ status: 'failed', certainty: 'not_applied' }])
  })

  test('gives the next one the arguments that were claimed, whatever it did to them', async () => {
    const seen: number[] = []
    const charge = tool({
      name: 'charge',
      retry: { attempts: 2, backoff: AT_ONCE },
      execute: (order: { cents: number }) => {
        seen.push(order.cents)
        order.cents *= 2
        if (seen.length === 1) throw reset()
        return 'paid'
      },
    })
    await temporaryLedger().run(ID, () => charge({ cents: 5 }))
    expect(seen).toEqual([5, 5])
  })
})

describe('a body that ran', () => {
  test('leaves no effect in progress when its commit turns out to be asynchronous', async () => {
    const ledger = temporaryLedger()
    const write = tool({ name: 'write', execute: () => 'done', commit: (async () => undefined) as () => void })
    await expect(ledger.run(ID, () => write())).rejects.toThrow(ConfigError)
    expect(await ledger.effects.list({ runId: ID.id })).toMatchObject([{ status: 'unknown' }])
    const [effect] = await ledger.effects.list({ runId: ID.id })
    await ledger.effects.resolve(effect?.key ?? '', { outcome: 'not_applied' })
  })

  test('fails with its own error when retry.when stumbles over it', async () => {
    const when = (error: unknown) => (error as { response: { status: number } }).response.status === 503
    const odd = tool({ name: 'odd', retry: { attempts: 3, when }, execute: () => Promise.reject(new Error('boom')) })
    const ledger = temporaryLedger()
    await expect(ledger.run(ID, () => odd())).rejects.toThrow('boom')
    expect(await ledger.effects.list({ runId: ID.id })).toMatchObject([{ status: 'failed', attempt: 1 }])
  })
})

describe('the rows of a tool with a commit', () => {
  const writing = (rows: string[]) => (transaction: Transaction, result: string) => {
    transaction.prepare('SELECT 1').get()
    rows.push(result)
  }

  test('are written when the body ends after its time', async () => {
    const ledger = temporaryLedger({ graceMs: 1 })
    const rows: string[] = []
    const { promise, resolve } = Promise.withResolvers<string>()
    const slow = tool({ name: 'slow', timeoutMs: 1, execute: () => promise, commit: writing(rows) })
    await expect(ledger.run(ID, () => slow())).rejects.toThrow(EffectUnknownError)
    expect(rows).toEqual([])
    resolve('late')
    await eventually(async () =>
      expect(await ledger.effects.list({ runId: ID.id })).toMatchObject([{ status: 'succeeded' }]),
    )
    expect(rows).toEqual(['late'])
  })

  test('are written with what a reconcile hook found out', async () => {
    const rows: string[] = []
    const pay = tool({
      name: 'pay',
      execute: (): Promise<string> => Promise.reject(reset()),
      onUnknown: () => ({ kind: 'applied', result: 'paid after all' }) as const,
      commit: writing(rows),
    })
    await expect(temporaryLedger().run(ID, () => pay())).resolves.toBe('paid after all')
    expect(rows).toEqual(['paid after all'])
  })
})

describe('a reconcile hook', () => {
  test('that answers beside the point is asked once, and the run halts', async () => {
    let asked = 0
    const pay = tool({
      name: 'pay',
      execute: (): Promise<string> => Promise.reject(reset()),
      onUnknown: (() => {
        asked++
        return { kind: 'notApplied' }
      }) as never,
    })
    const error = await temporaryLedger()
      .run(ID, () => pay())
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(EffectUnknownError)
    expect((error as EffectUnknownError).cause).toBeInstanceOf(ConfigError)
    expect(asked).toBe(1)
  })

  test('asks with a signal of its own, not the one that stopped the body', async () => {
    const aborted: boolean[] = []
    const slow = tool({
      name: 'slow',
      timeoutMs: 1,
      execute: (_: { to: string }, { signal }: EffectContext) =>
        new Promise<string>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      onUnknown: (_, { signal }) => {
        aborted.push(signal.aborted)
        return { kind: 'not_applied' } as const
      },
    })
    await expect(temporaryLedger().run(ID, () => slow({ to: 'x' }))).rejects.toThrow()
    expect(aborted).toEqual([false])
  })
})

describe('a body that a limit stopped', () => {
  /** Acts, and then asks a model for a report, which a limit may refuse. */
  function refund(run: Run, model: FakeModel, paid: number[]): Promise<void> {
    const refund = tool({
      name: 'refund',
      execute: async ({ cents }: { cents: number }) => {
        paid.push(cents)
        await model.call(run)
      },
    })
    return refund({ cents: 5 })
  }

  test('may have acted before: nothing is done again', async () => {
    const ledger = temporaryLedger()
    const [model, paid]: [FakeModel, number[]] = [new FakeModel(), []]
    const once = (tokens: number, retry: boolean) => {
      const limits = { budget: nanoOf(tokens) as Usd }
      return ledger.run({ ...ID, limits, retry }, (run) => refund(run, model, paid))
    }
    await expect(once(10, false)).rejects.toThrow()
    expect(await ledger.effects.list({ runId: ID.id })).toMatchObject([{ status: 'unknown' }])
    await expect(once(9_000, true)).rejects.toThrow(EffectUnknownError)
    expect([paid, model.arrived]).toEqual([[5], []])
  })

  test('only for a while has failed as it would by itself', async () => {
    const ledger = temporaryLedger()
    const model = new FakeModel()
    const limits = { rate: { calls: 1, perMs: 3_600_000 } }
    const failed = ledger.run({ ...ID, limits }, async (run) => {
      await model.call(run, { content: 'first' })
      await refund(run, model, [])
    })
    await expect(failed).rejects.toMatchObject({ code: 'rate-limited' })
    expect(await ledger.effects.list({ runId: ID.id })).toMatchObject([{ status: 'failed', certainty: 'assumed' }])
  })
})
