import { serializeError } from '../errors/serialize.ts'
import type { RecordedAnswer } from '../lane/lane-record.ts'
import type { WatchedCall } from '../lane/loop-watch.ts'
import type { RunScope } from '../lane/run-scope.ts'
import { stoppedByOutage } from '../lane/stopped-by-outage.ts'
import { stableText } from '../util/stable-text.ts'
import { maskVolatile } from '../util/volatile-text.ts'
import type { Invocation, Outcome, ToolCall } from './invocation.ts'

/** The call as the loop guard sees it. `since`: how many answers there were when it started, if that was before now. */
export function watch(
  { run, lane, tool }: Omit<ToolCall, 'args'>,
  args: string,
  since?: number,
): WatchedCall | undefined {
  if (run.loops === undefined) return undefined
  const call = { lane, tool: tool.name, args, secret: tool.record !== 'full' }
  return run.loops.watch(since === undefined ? call : { ...call, since })
}

/** Halts the run because of the loop that a call would carry on; the error is for its caller. */
export async function haltedBy(loop: Error, run: RunScope): Promise<Error> {
  await run.halt(loop)
  return loop
}

/** What the agent gets to see. Whoever joins others does so at the same time, not again. */
export function tellAnswer({ watched }: Pick<Invocation, 'watched'>, outcome: Outcome): void {
  if (watched !== undefined && outcome.joined === undefined) watched.answered(textOf(outcome))
}

/** The same of what an earlier execution was given here, with about when that was if it matters. */
export async function tellServed(
  { run, watched }: Invocation,
  recorded: RecordedAnswer,
  outcome: Outcome,
): Promise<void> {
  if (watched === undefined || (recorded.kind === 'answer' && recorded.answer.kind === 'join')) return
  const at = run.loops?.isTimed === true ? await stoppedByOutage(run, answeredAt(run, recorded)) : 0
  watched.served(textOf(outcome), at)
}

/** When the entry before it was written: no answer has a time of its own. */
async function answeredAt({ id, context }: RunScope, recorded: RecordedAnswer): Promise<number> {
  const number = recorded.kind === 'answer' ? recorded.answer.at : recorded.effect.at
  const [entry] = await context.store.listEntries(id, number - 1, 1)
  return entry?.at ?? 0
}

/** Equal for equal answers, live and served. */
function textOf(outcome: Outcome): string {
  if (outcome.kind === 'value') return `v${outcome.body ?? stableText(outcome.value)}`
  // A failure that names its time or request is no other failure.
  return errorText(outcome.error)
}

/** An error as far as it makes another answer of it. */
export function errorText(error: unknown): string {
  const { name, message } = serializeError(error)
  return `e${name}: ${maskVolatile(message)}`
}
