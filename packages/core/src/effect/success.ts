import { decodeValue, encodeValue } from '../codec/value-codec.ts'
import type { LedgerContext } from '../config/ledger-context.ts'
import { NotSerializableError } from '../errors/not-serializable-error.ts'
import { serializeError } from '../errors/serialize.ts'
import type { EffectOutcome } from '../store/effect-verbs.ts'
import type { Body, RecordLevel } from '../store/records.ts'
import type { ToolSpec } from '../tool/tool-spec.ts'
import { sha256 } from '../util/hash.ts'
import type { ToolCall } from './invocation.ts'

export type Success = Extract<EffectOutcome, { kind: 'succeeded' }>

/** A value as it is stored, and as its caller gets it: an error with the live value on it if it cannot be stored. */
export function successOf({ run, tool }: ToolCall, value: unknown): { outcome: Success; released: unknown } {
  try {
    const outcome = storedSuccess(run.context, { tool, runId: run.id, level: tool.record }, value)
    const released = isImmutable(value) ? value : decodeValue(outcome.result as Body)
    return { outcome, released }
  } catch (error) {
    if (!NotSerializableError.isInstance(error)) throw error
    const message =
      `"${tool.name}" succeeded, and is recorded as such, but its result cannot be stored (${error.path || 'value'}: ${error.reason}). ` +
      'It will not run again. The live result is on this error as `value`; return plain data from the tool.'
    const { path, reason } = error
    const token = tokenOf(run.context, tool, run.id, value)
    return {
      outcome: { kind: 'succeeded', result: null, kept: false, token, digest: null },
      released: new NotSerializableError({ path, reason, message, value }),
    }
  }
}

/** A success that somebody tells of; `tool` where this process knows it. Throws `NotSerializableError`. */
export function storedSuccess(
  context: LedgerContext,
  about: { readonly tool: Kept | undefined; readonly runId: string; readonly level: RecordLevel },
  value: unknown,
): Success {
  const { tool, runId, level } = about
  const result = encodeValue(value, context.maxValueBytes)
  const token = tool === undefined ? null : tokenOf(context, tool, runId, value)
  const digest = level === 'hash' ? sha256(result) : null
  return { kind: 'succeeded', result, kept: true, token, digest }
}

type Kept = Pick<ToolSpec<unknown, unknown>, 'name' | 'keep'>

/** The effect has succeeded whatever `keep` does; without a token its compensation has the result, or is listed as blocked. */
function tokenOf(context: LedgerContext, { name, keep }: Kept, runId: string, value: unknown): Body | null {
  if (keep === undefined) return null
  try {
    return encodeValue(keep(value), context.maxValueBytes)
  } catch (error) {
    const reason = `what '${name}' keeps for its compensation: ${serializeError(error).message}`
    context.events.emit('output-not-kept', { runId, reason })
    return null
  }
}

function isImmutable(value: unknown): boolean {
  return typeof value !== 'object' || value === null
}
