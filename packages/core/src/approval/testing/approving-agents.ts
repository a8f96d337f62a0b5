import { tool } from '../../run/callable-tool.ts'
import type { World } from '../../testing/world.ts'
import type { ToolPolicy } from '../../tool/tool-definition.ts'

/** The agents that approval/killed-approvals.test.ts kills and resumes. */

const TEA = { note: 'tea' }

function charging(world: World, policy: ToolPolicy<typeof TEA, string>) {
  world.ledger.on('approval-requested', () => world.reach('requested'))
  world.ledger.on('effect-claimed', () => world.reach('claimed'))
  return tool({
    name: 'charge',
    ...policy,
    execute: ({ note }: typeof TEA) => {
      world.act(`charged ${note}`)
      world.reach('charged')
      return `charge of ${note}`
    },
  })
}

/** Waits for its approval in place, and gives it itself after its first life. */
function approved(world: World, policy: ToolPolicy<typeof TEA, string>): Promise<unknown> {
  const charge = charging(world, { ...policy, approval: { block: true } })
  const approve = async (key: string) => {
    await world.ledger.approvals.approve(key)
    world.reach('approved')
  }
  world.ledger.on('approval-requested', ({ key }) => void approve(key))
  return world.ledger.run({ id: 'turn-1', onError: 'keep' }, () => charge(TEA))
}

export function asking(world: World): Promise<unknown> {
  const charge = charging(world, { approval: true })
  return world.ledger.run({ id: 'turn-1', onError: 'keep' }, () => charge(TEA))
}

export function halting(world: World): Promise<unknown> {
  return approved(world, {})
}

export function repeating(world: World): Promise<unknown> {
  return approved(world, { onUnknown: 'retry' })
}

/** Dies with a claim in hand before it could have a human asked; the next life asks for an approval. */
export function beganByHand(world: World): Promise<unknown> {
  const charge = charging(world, { onUnknown: 'retry' })
  return world.ledger.run({ id: 'turn-1', onError: 'keep' }, async (run) => {
    if (world.life > 1) return charge(TEA, { approval: true })
    await run.begin(charge, TEA)
    return world.reach('begun')
  })
}
