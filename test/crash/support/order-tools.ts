import { type EffectContext, type ToolPolicy, tool } from 'holdfast'
import { reach } from './crash-plan.ts'
import type { Outside } from './outside.ts'

export const POLICIES = ['halt', 'retry', 'reconcile'] as const
export type Policy = (typeof POLICIES)[number]

interface What {
  readonly what: string
  readonly because?: unknown
}

/** The agent's tools; every write follows the same `onUnknown`. */
export function orderTools(outside: Outside, policy: Policy, leaseMs: number) {
  const writes: ToolPolicy<What, unknown> = {
    leaseMs,
    onUnknown: policy === 'reconcile' ? (_args, context) => outside.reconcile(context) : policy,
  }
  const charge = tool({
    name: 'charge',
    ...writes,
    execute: async (args: What, context: EffectContext): Promise<unknown> => {
      await context.heartbeat()
      return outside.act('charge', args, context)
    },
  })
  const label = tool({
    name: 'label',
    ...writes,
    execute: (args: What, context: EffectContext): Promise<unknown> => outside.act('label', args, context),
  })
  const ship = tool({
    name: 'ship',
    ...writes,
    execute: async (args: What, context: EffectContext): Promise<unknown> => {
      await label({ what: `label of ${args.what}` })
      return outside.act('ship', args, context)
    },
  })
  const reserve = tool({
    name: 'declined-reserve',
    ...writes,
    // The service answers a key as it did the first time: a refusal means that no attempt under it got through.
    certainty: (error) => ((error as { status?: number }).status === 402 ? 'not_applied' : undefined),
    execute: (args: What, context: EffectContext): Promise<unknown> => outside.act('declined-reserve', args, context),
  })
  const mail = tool({
    name: 'mail',
    ...writes,
    execute: (args: What, context: EffectContext): Promise<unknown> => outside.act('mail', args, context),
  })
  /** Acts, and then fails at its first attempt. */
  const flaky = tool({
    name: 'flaky',
    ...writes,
    retry: { attempts: 3, backoff: { initialMs: 1, maxMs: 1 } },
    execute: async (args: What, context: EffectContext): Promise<unknown> => {
      const done = await outside.act('flaky', args, context)
      if (context.attempt > 1) return done
      reach('in-flaky')
      throw new Error('shaky')
    },
  })
  /** Nothing but a row in the ledger's own database. */
  const row = tool({
    name: 'row',
    leaseMs,
    commit: (transaction, _result, { what }: What) => {
      transaction.prepare('CREATE TABLE IF NOT EXISTS shop_row (what TEXT)').run()
      transaction.prepare('INSERT INTO shop_row VALUES (?)').run(what)
    },
  })
  const price = tool({
    name: 'price',
    effect: 'read',
    execute: (args: What): Promise<unknown> => outside.read('price', args),
  })
  return { charge, ship, reserve, mail, flaky, row, price }
}

export type OrderTools = ReturnType<typeof orderTools>
