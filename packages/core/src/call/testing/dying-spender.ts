import { FakeModel, nanoOf } from '../../testing/fake-model.ts'
import type { World } from '../../testing/world.ts'
import type { Usd } from '../../usd.ts'

/** Puts most of its budget aside for one call; may be killed while that is in flight. */
export function spender(world: World): Promise<unknown> {
  const model = new FakeModel()
  return world.ledger.run({ id: 'turn', limits: { budget: nanoOf(10_000) as Usd } }, (run) => {
    const send = async () => {
      world.act('model asked')
      world.reach('sent')
      return { model: 'fake-1', text: 'said', usage: { prompt_tokens: 1, completion_tokens: 100 } }
    }
    return model.call(run, { cap: 8_000, send })
  })
}
