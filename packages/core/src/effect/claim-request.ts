import { encodeKnown, encodeValue } from '../codec/value-codec.ts'
import type { LiveBody } from '../lane/live-body.ts'
import type { ClaimEffect } from '../store/effect-verbs.ts'
import type { UndoKind } from '../store/records.ts'
import type { ToolSpec } from '../tool/tool-spec.ts'
import { sha256 } from '../util/hash.ts'
import type { Invocation } from './invocation.ts'

/** What claims an effect, but for the question to a human and the time. */
export function claimRequest(
  invocation: Invocation,
  body: LiveBody,
  approvedAs: number | null,
): Omit<ClaimEffect, 'at' | 'approval'> {
  const { run, lane, parent, tool, options, keyed, group } = invocation
  const args = argsBody(invocation)
  return {
    run: run.ref,
    owner: keyed.owner,
    keys: keyed.keys,
    tool: tool.name,
    args,
    argsHash: keyed.argsHash,
    onOtherArgs: keyed.onOtherArgs,
    callerKeyed: keyed.callerKeyed,
    lane: lane.id,
    callsSeen: lane.callsSeen,
    parentEffect: parent?.effect ?? null,
    leaseMs: tool.leaseMs,
    attempts: tool.attempts,
    willWait: (options?.wait?.onBusy ?? 'wait') === 'wait',
    undo: undoOf(tool),
    group,
    recordLevel: tool.record,
    argsDigest: tool.record === 'hash' ? sha256(args) : null,
    byHand: body.isByHand,
    approvedAs,
  }
}

function argsBody({ run, args, keyed: { argsJson } }: Invocation): string {
  const { maxValueBytes } = run.context
  return argsJson ? encodeKnown(args, argsJson, maxValueBytes) : encodeValue(args, maxValueBytes)
}

function undoOf({ compensate, covers }: ToolSpec<unknown, unknown>): UndoKind {
  if (compensate === undefined) return 'none'
  return covers === 'inner' ? 'inner' : 'own'
}
