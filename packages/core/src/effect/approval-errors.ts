import { ApprovalDeniedError } from '../errors/approval-denied-error.ts'
import { ApprovalRequiredError, type RequiredApproval } from '../errors/approval-required-error.ts'
import { errorBody } from '../errors/serialize.ts'
import type { ApprovalRecord } from '../store/records.ts'
import type { ClaimAnswer } from './claim-answer.ts'
import { keyText } from './invocation.ts'

/** That a human has to decide first, as whoever called the tool is told. */
export function requiredError(approval: ApprovalRecord): ApprovalRequiredError {
  return new ApprovalRequiredError(requiredApproval(approval))
}

function requiredApproval({ effect, reason, requestedAt, expiresAt }: ApprovalRecord): RequiredApproval {
  const { generation, tool, runId } = effect
  return { key: keyText(effect), generation, tool, runId, reason, requestedAt, expiresAt }
}

/** That a human said no. */
export function deniedError({ effect, decidedBy, decisionReason }: ApprovalRecord): ApprovalDeniedError {
  const { tool, runId } = effect
  return new ApprovalDeniedError({ tool, key: keyText(effect), runId, by: decidedBy, reason: decisionReason })
}

/** A no is an answer: it goes to the model, is recorded, and is the same again on resume. */
export function deniedAnswer(approval: ApprovalRecord): ClaimAnswer {
  const error = deniedError(approval)
  const { id: effect, generation } = approval.effect
  return {
    kind: 'settled',
    outcome: { kind: 'error', error, effect, generation, body: errorBody(error) },
    key: error.key,
    argsDiffer: false,
    waited: false,
  }
}
