import { tool } from '../../run/callable-tool.ts'
import type { World } from '../../testing/world.ts'

/** A tool that pays and refunds, and can be killed before or after either. `known`: what its hook says of an unknown payment. */
export function tools(
  world: Pick<World, 'act' | 'reach'>,
  known: { readonly applied: boolean } | undefined = undefined,
) {
  const pay = tool({
    name: 'pay',
    execute: ({ note }: { note: string }) => {
      world.act(`pay ${note}`)
      world.reach('after-pay')
      return `pay ${note}`
    },
    compensate: (result) => {
      world.reach('in-compensation')
      world.act(`undo ${result}`)
      world.reach('after-compensation')
    },
    ...(known === undefined
      ? {}
      : {
          onUnknown: ({ note }) =>
            known.applied ? ({ kind: 'applied', result: `pay ${note}` } as const) : ({ kind: 'not_applied' } as const),
        }),
  })
  return { pay }
}

export async function order(world: World): Promise<unknown> {
  const { pay } = tools(world)
  return world.ledger.run({ id: 'order', name: 'order', input: { by: 'ann' } }, async () => {
    await pay({ note: 'a' })
    await pay({ note: 'b' })
    if (world.life > 1) return 'done'
    throw new Error('the shop is closed')
  })
}

/** An order with a step that nobody may ever take over. */
export async function endlessOrder(world: World): Promise<unknown> {
  const { pay } = tools(world)
  const hold = tool({
    name: 'hold',
    leaseMs: Number.POSITIVE_INFINITY,
    execute: () => world.reach('in-hold'),
    compensate: () => world.act('undo hold'),
  })
  return world.ledger.run({ id: 'order' }, async () => {
    await pay({ note: 'a' })
    if (world.life === 1) await hold()
    throw new Error('the shop is closed')
  })
}
