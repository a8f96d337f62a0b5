import type { Ledger, Run } from 'holdfast'
import { reach } from './crash-plan.ts'
import type { OrderTools } from './order-tools.ts'
import type { Outside } from './outside.ts'

/** What an agent of these tests is given. */
export interface AgentParts {
  readonly ledger: Ledger
  readonly run: Run
  readonly tools: OrderTools
  readonly outside: Outside
  /** How many charges are in flight at once. */
  readonly concurrency: number
  /** What the model said to this execution. */
  readonly answers: unknown[]
}

/** What each order does outside, once: by tool and argument. */
export const ORDER_DEEDS = [
  'charge tea',
  'charge cups',
  'charge pot',
  'label label of order',
  'ship order',
  'declined-reserve table',
  'mail thanks',
] as const

/** An order: two model calls, a read, three charges, a nested effect, one declined at first, and a child run. */
export async function orderAgent(parts: AgentParts): Promise<Readonly<Record<string, unknown>>> {
  const { run, tools, ledger } = parts
  const reference = await run.uuid()
  const plan = await modelCall(parts, [{ role: 'user', content: 'tea, please' }])
  const price = await tools.price({ what: 'tea' })
  const charges = await chargeAll(parts, ['tea', 'cups', 'pot'])
  const shipment = await tools.ship({ what: 'order' })
  const reserved = await tools.reserve({ what: 'table' }).catch(() => tools.reserve({ what: 'table' }))
  // A child that failed stays failed, as any run, unless its next attempt is asked for.
  const mailed = await ledger.run({ name: 'thanks', retry: run.attempt > 1 }, (child) =>
    thank({ ...parts, run: child }),
  )
  const summary = await modelCall(parts, [
    { role: 'user', content: 'tea, please' },
    { role: 'assistant', content: JSON.stringify(plan) },
    { role: 'tool', content: JSON.stringify({ price, charges, shipment, reserved, mailed }) },
  ])
  return { reference, plan, price, charges, shipment, reserved, mailed, summary }
}

async function thank(parts: AgentParts): Promise<unknown> {
  const text = await modelCall(parts, [{ role: 'user', content: 'thank them' }])
  return { text, mail: await parts.tools.mail({ what: 'thanks' }) }
}

async function chargeAll({ tools, concurrency }: AgentParts, items: readonly string[]): Promise<unknown[]> {
  const charges: unknown[] = []
  for (let start = 0; start < items.length; start += concurrency) {
    const group = items.slice(start, start + concurrency)
    charges.push(...(await Promise.all(group.map((what) => tools.charge({ what })))))
  }
  return charges
}

/** What the stubborn agent does, step by step, whatever an earlier step threw. */
const STEPS: Readonly<Record<string, (parts: AgentParts) => Promise<unknown>>> = {
  'first call': (parts) => modelCall(parts, [{ role: 'user', content: 'first' }]),
  'second call': async (parts) => {
    reach('between-calls')
    parts.answers.push(await modelCall(parts, [{ role: 'user', content: 'second' }]))
  },
  // A model words its arguments: another answer would be another effect.
  charge: ({ tools, answers }) => tools.charge({ what: 'tea', because: answers[0] }),
  'another charge': ({ tools }) => {
    reach('between-effects')
    return tools.charge({ what: 'cups' })
  },
  read: ({ tools }) => tools.price({ what: 'tea' }),
  flaky: ({ tools }) => tools.flaky({ what: 'try' }),
  row: ({ tools }) => tools.row({ what: 'sold' }),
  child: ({ ledger, run, tools }) =>
    ledger.run({ name: 'thanks', retry: run.attempt > 1 }, () => tools.mail({ what: 'thanks' })),
  'last call': (parts) => modelCall(parts, [{ role: 'user', content: 'last' }]),
}

/** What the stubborn agent does outside. */
export const STUBBORN_DEEDS = ['charge tea', 'charge cups', 'flaky try', 'mail thanks'] as const

/** Swallows every error and goes on, as frameworks do. `tell` gets what each step came to. */
export async function stubbornAgent(parts: AgentParts, tell: (step: string, came: string) => void): Promise<string> {
  for (const [name, step] of Object.entries(STEPS)) {
    await step(parts).then(
      () => tell(name, 'done'),
      (error: { code?: string }) => tell(name, String(error.code ?? error)),
    )
  }
  return 'done'
}

function modelCall({ run, outside }: AgentParts, messages: readonly unknown[]): Promise<unknown> {
  const request = { provider: 'fake', model: 'tiny', request: { messages } }
  return run.call(request, (call) => outside.call(run.id, messages, call))
}
