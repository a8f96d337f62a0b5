import type { ApprovalTerms, DecideApproval } from '../../decision-verbs.ts'
import type { AwaitsDecision, ClaimEffect } from '../../effect-verbs.ts'
import type { ApprovalRecord, RunRef } from '../../records.ts'
import type { Store } from '../../store.ts'
import { AT, claiming, key } from './fixture.ts'

/** A question about the arguments that `asking` brings. */
export const TERMS: ApprovalTerms = { argsHash: key(100), reason: 'above 50', from: 'ledger', expiresAt: null }

/** A claim that a human has to approve first. */
export function asking(run: RunRef, overrides: Partial<ClaimEffect> = {}): ClaimEffect {
  return claiming(run, { argsHash: TERMS.argsHash, approval: TERMS, ...overrides })
}

/** Claims what waits for a human from then on. */
export async function ask(store: Store, run: RunRef, overrides: Partial<ClaimEffect> = {}): Promise<ApprovalRecord> {
  const answer = await store.claimEffect(asking(run, overrides))
  if (answer.kind !== 'awaiting_approval') throw new Error(`No human is asked: ${answer.kind}`)
  return (answer as AwaitsDecision).approval
}

export function deciding(
  { effect }: { readonly effect: { readonly id: number } },
  decision: DecideApproval['decision'],
  overrides: Partial<DecideApproval> = {},
): DecideApproval {
  return { effect: effect.id, decision, by: 'ann', reason: 'fine', args: null, overrule: false, at: AT, ...overrides }
}

/** A question that was answered with yes. */
export async function approved(
  store: Store,
  run: RunRef,
  claim: Partial<ClaimEffect> = {},
  decide: Partial<DecideApproval> = {},
): Promise<ApprovalRecord> {
  const decided = await store.decideApproval(deciding(await ask(store, run, claim), 'approve', decide))
  if (decided.kind !== 'decided') throw new Error(`It was not approved: ${decided.kind}`)
  return decided.approval
}
