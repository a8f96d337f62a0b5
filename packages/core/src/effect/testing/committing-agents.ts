import { tool } from '../../run/callable-tool.ts'
import type { World } from '../../testing/world.ts'

/** The agents that effect/user-commit.test.ts kills. */

export function orderInTransaction(world: World): Promise<unknown> {
  const order = tool({
    name: 'order',
    commit: (transaction, _, { item }: { item: string }) => {
      world.act('committing')
      transaction.prepare('INSERT INTO shop_order VALUES (?, NULL)').run(item)
      world.reach('in the transaction')
    },
  })
  return world.ledger.run({ id: 'turn-1' }, () => order({ item: 'tea' }))
}
