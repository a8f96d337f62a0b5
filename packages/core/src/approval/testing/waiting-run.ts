import { expect } from 'vitest'
import { ApprovalRequiredError } from '../../errors/approval-required-error.ts'
import type { Ledger } from '../../ledger.ts'
import type { Run } from '../../run/run.ts'
import type { ApprovalView } from '../approval-view.ts'
import type { PendingQuery } from '../pending-approvals.ts'

export const ID = { id: 'turn-1' }
export const TEA = { note: 'tea' }

type Agent = (run: Run) => Promise<unknown>

/** Runs the agent until it waits for a human; answers the key of what that one is asked about. */
export async function waiting(ledger: Ledger, agent: Agent, id: string = ID.id): Promise<string> {
  const error = await ledger.run({ id }, agent).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ApprovalRequiredError)
  expect(await ledger.runs.get(id)).toMatchObject({ status: 'waiting' })
  return (error as ApprovalRequiredError).approval.key
}

/** All open questions. */
export async function pendingOf(ledger: Ledger, query?: PendingQuery): Promise<readonly ApprovalView[]> {
  const all: ApprovalView[] = []
  for await (const approval of ledger.approvals.pending(query)) all.push(approval)
  return all
}
