import type { Run } from '../../run/run.ts'
import type { World } from '../../testing/world.ts'
import { usd } from '../../usd.ts'

export const EXTERNAL_ID = 'openai:resp_1'

/** Asks for an answer that its provider owes; it is held by 1,000 tokens of output. */
export function askInBackground(run: Run): Promise<string> {
  const request = { model: 'gpt-5-mini', input: 'Think about it.', max_output_tokens: 1_000, background: true }
  const call = { provider: 'openai', model: 'gpt-5-mini', request }
  return run.call(call, async () => 'queued', { seen: () => ({ externalId: EXTERNAL_ID }) })
}

/** An agent that asks, and may be killed before it has the answer. */
export function asker(world: World): Promise<unknown> {
  return world.ledger.run({ id: 'turn', limits: { budget: usd(1) } }, async (run) => {
    await askInBackground(run)
    world.reach('asked')
  })
}
