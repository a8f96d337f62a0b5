import type { Ledger } from 'holdfast'

/** Why the runs of these tests fail. */
export const BOOM = new Error('the agent gave up')

/** Runs an agent whose run then fails; answers what its caller was thrown. */
export function failing(ledger: Ledger, agent: () => Promise<unknown>, id = 'order'): Promise<unknown> {
  const failed = async () => {
    await agent()
    throw BOOM
  }
  return ledger.run({ id }, failed).then(
    () => undefined,
    (error: unknown) => error,
  )
}
