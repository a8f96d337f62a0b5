import { expect } from 'vitest'
import type { Ledger } from '../ledger.ts'
import type { Run } from '../run/run.ts'

/** Runs the agent and lets its run go before it ends: the next execution of that id resumes it. */
export async function interrupted(ledger: Ledger, id: string, agent: (run: Run) => Promise<unknown>): Promise<void> {
  const controller = new AbortController()
  const ended = ledger.run({ id, signal: controller.signal }, async (run) => {
    await agent(run)
    controller.abort(new Error('interrupted'))
    throw new Error('interrupted')
  })
  await expect(ended).rejects.toThrow('interrupted')
}
