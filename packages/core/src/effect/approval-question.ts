import type { LedgerContext } from '../config/ledger-context.ts'
import { ConfigError } from '../errors/config-error.ts'
import type { ApprovalTerms } from '../store/decision-verbs.ts'
import { APPROVAL_DEFAULTS, type ApprovalPolicy } from '../tool/approval-policy.ts'
import type { PerformOptions } from '../tool/tool.ts'
import type { ToolSpec } from '../tool/tool-spec.ts'
import { type Invocation, waiterOf } from './invocation.ts'
import { allArgsHash } from './keyed-effect.ts'

/** A tool that is about to be called, wherever that is. */
export interface IntendedCall {
  readonly tool: ToolSpec<unknown, unknown>
  /** As parsed by the schema. */
  readonly args: unknown
  readonly options: PerformOptions | undefined
  /** The compensation of an effect around it undoes it too. */
  readonly isCovered: boolean
}

/** What a human is asked before an effect executes. */
export interface Question {
  readonly terms: ApprovalTerms
  /** The caller waits in place for the decision. */
  readonly block: boolean
}

/** How a ledger asks that lets nothing irreversible happen by itself: nobody but its own approvals may decide. */
const IRREVERSIBLE: ApprovalPolicy = Object.freeze({
  ...APPROVAL_DEFAULTS,
  reason: 'nothing compensates it, and the ledger asks before what cannot be undone',
})

/**
 * How a human is to be asked before this call may execute; null: nobody needs to be. At once, unless the tool's policy
 * takes its time. Throws `ConfigError` for a write that the ledger refuses.
 */
export function demandedApproval(
  context: LedgerContext,
  call: IntendedCall,
): ApprovalPolicy | null | Promise<ApprovalPolicy | null> {
  const { tool, options } = call
  const irreversible = isIrreversible(call) ? context.irreversible : 'allow'
  if (irreversible === 'refuse') throw refused(tool.name)
  const otherwise = irreversible === 'approve' ? IRREVERSIBLE : null
  if (tool.approval === undefined) return options?.approval === true ? APPROVAL_DEFAULTS : otherwise
  if (options?.approval === true) return tool.approval
  const { approval } = tool
  const asked = isAsked(approval, call.args)
  if (typeof asked === 'boolean') return asked ? approval : otherwise
  return asked.then((yes) => (yes ? approval : otherwise))
}

/** Whether anything can make somebody be asked about this call: then what executes must be what they were asked about. */
export function mayBeAsked({ run, tool, options }: Invocation): boolean {
  return tool.approval !== undefined || options?.approval === true || run.context.irreversible === 'approve'
}

/** The question of this call, or null. Asked anew on every way to execution. */
export function questionOf(invocation: Invocation): Question | null | Promise<Question | null> {
  const demanded = demandedApproval(invocation.run.context, intended(invocation))
  if (demanded instanceof Promise) return demanded.then((policy) => question(invocation, policy))
  return question(invocation, demanded)
}

/** What was asked for an approval never runs where no record could hold one. */
export async function needsApproval(invocation: Invocation): Promise<boolean> {
  return (await demandedApproval(invocation.run.context, intended(invocation))) !== null
}

function intended(invocation: Invocation): IntendedCall {
  const { tool, args, options } = invocation
  return { tool, args, options, isCovered: waiterOf(invocation)?.coversWhatIsInside === true }
}

/** A policy that throws, or says anything but no, has not said that nobody needs to be asked. */
function isAsked(policy: ApprovalPolicy, args: unknown): boolean | Promise<boolean> {
  try {
    const says: unknown = policy.when(args)
    if (typeof says === 'boolean') return says
    return Promise.resolve(says).then(
      (yes) => yes !== false,
      () => true,
    )
  } catch {
    return true
  }
}

function isIrreversible({ tool, isCovered }: IntendedCall): boolean {
  return tool.effect === 'write' && tool.compensate === undefined && !isCovered
}

function refused(tool: string): ConfigError {
  return new ConfigError(
    `tool '${tool}' has no \`compensate\`, and this ledger refuses what cannot be undone (irreversible: 'refuse'). It was not run. Give the tool a compensation, declare effect: 'read', or let the ledger ask: irreversible: 'approve'.`,
  )
}

function question({ run, keyed }: Invocation, policy: ApprovalPolicy | null): Question | null {
  if (policy === null) return null
  const { reason, from, block, expiresMs } = policy
  return {
    terms: { argsHash: allArgsHash(keyed), reason, from, expiresAt: expiryOf(run.context.clock.now(), expiresMs) },
    block,
  }
}

/** Null: the question stays open. */
export function expiryOf(now: number, expiresMs: number): number | null {
  const at = Math.ceil(now + expiresMs)
  return Number.isSafeInteger(at) ? at : null
}
