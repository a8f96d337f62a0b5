import { tools } from '../../resume/testing/order.ts'
import type { World } from '../../testing/world.ts'

/** A run whose child fails and undoes itself; the run goes on without it. */
export async function goingOn(world: World): Promise<unknown> {
  const { pay } = tools(world)
  return world.ledger.run({ id: 'shop', name: 'shop' }, async () => {
    const child = world.ledger.run({ name: 'order' }, async () => {
      await pay({ note: 'a' })
      throw new Error('the shop is closed')
    })
    const error = await child.catch((thrown: Error) => thrown)
    return error instanceof Error ? error.message : 'never'
  })
}
