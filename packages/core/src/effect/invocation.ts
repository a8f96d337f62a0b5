import type { EffectEvent } from '../config/ledger-events.ts'
import { shownLiveError } from '../config/shown-value.ts'
import type { Lane } from '../lane/lane.ts'
import type { RecordedAnswer } from '../lane/lane-record.ts'
import type { LiveBody } from '../lane/live-body.ts'
import type { WatchedCall } from '../lane/loop-watch.ts'
import type { RunScope } from '../lane/run-scope.ts'
import type { Claimed } from '../store/effect-verbs.ts'
import type { EffectRecord } from '../store/records.ts'
import type { PerformOptions } from '../tool/tool.ts'
import type { WaitOptions } from '../tool/tool-definition.ts'
import type { ToolSpec } from '../tool/tool-spec.ts'
import { formatEffectKey } from '../util/effect-key-text.ts'
import type { KeyedEffect } from './keyed-effect.ts'

/** One `perform`: passed along instead of being captured. */
export interface Invocation {
  readonly run: RunScope
  readonly lane: Lane
  /** The body that this invocation is made in, if any. */
  readonly parent: LiveBody | null
  readonly tool: ToolSpec<unknown, unknown>
  /** As parsed by the schema. */
  readonly args: unknown
  readonly options: PerformOptions | undefined
  readonly keyed: KeyedEffect
  /** What an earlier execution was given here. */
  readonly recorded: RecordedAnswer | undefined
  /** Of a read: its number among the lane's reads. */
  readonly readNumber: number
  /** An earlier execution had claimed it, and this one reaches it for the first time. */
  readonly wasClaimed: boolean
  /** The parallel group of a saga that it is a member of. */
  readonly group: number | null
  /** How many answers its lane had put on record when it began. */
  readonly answersBefore: number
  /** How the loop guard sees it, if it looks. */
  readonly watched: WatchedCall | undefined
}

/** A tool with its arguments, somewhere in a run: what asking it about an outcome needs. */
export type ToolCall = Pick<Invocation, 'run' | 'lane' | 'tool' | 'args'>

/**
 * What an invocation came to, as its callers get it. `live`: the body ran in this process and these are its own
 * value or error; else they come from the record.
 */
export type Outcome =
  | {
      readonly kind: 'value'
      readonly value: unknown
      readonly effect: number | null
      readonly generation: number
      /** As it is stored. */
      readonly body: string | null
      readonly joined?: true
    }
  | {
      readonly kind: 'error'
      readonly error: unknown
      readonly effect: number | null
      readonly generation: number
      readonly body: string | null
      /** Somebody else's, whom the caller had to wait for. */
      readonly joined?: true
    }

/** The effect's public key: exact once it is claimed or found. */
export function keyText(effect: Pick<Claimed, 'ownerSeq' | 'key'> | Pick<EffectRecord, 'ownerSeq' | 'key'>): string {
  return formatEffectKey(effect.ownerSeq, effect.key)
}

/** What every event about an effect of this invocation says. */
export function eventOf(
  { run, tool }: Invocation,
  effect: Pick<Claimed, 'ownerSeq' | 'key' | 'generation' | 'attempt'>,
): EffectEvent {
  const { generation, attempt } = effect
  return { runId: run.id, tool: tool.name, key: keyText(effect), generation, attempt }
}

/** A live error as listeners may see it: whole, unless the tool's `record` or the ledger's `redact` hides something. */
export function shownErrorOf({ run, tool }: Invocation, error: unknown): unknown {
  const { redact } = run.context
  const about = { kind: 'error', runId: run.id, tool: tool.name } as const
  return shownLiveError(error, { level: tool.record, redact, about })
}

/** The most specific wait options win: this call's, then the tool's, then the ledger's. */
export function waitOptions(invocation: Invocation): Required<WaitOptions> {
  return { ...invocation.run.context.wait, ...invocation.tool.wait, ...invocation.options?.wait }
}

/** The body that is held up as long as this invocation is: its own, else the one that its run was opened in. */
export function waiterOf({ parent, run }: Invocation): LiveBody | null {
  return parent ?? run.body
}

export function release(outcome: Outcome): unknown {
  if (outcome.kind === 'value') return outcome.value
  throw outcome.error
}
