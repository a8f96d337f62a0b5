import { errorBody } from '../errors/serialize.ts'
import type { StoreUnavailableError } from '../errors/store-unavailable-error.ts'
import { LiveBody } from '../lane/live-body.ts'
import { needsApproval } from './approval-question.ts'
import { runBody } from './attempt.ts'
import { BodyContext } from './body-context.ts'
import { type Invocation, type Outcome, waiterOf } from './invocation.ts'
import { laneOfBody } from './key.ts'

/** A tool of a run that has no record: reads where the ledger allows it, writes where their tool does. */
export async function performUnprotected(invocation: Invocation, outage: StoreUnavailableError): Promise<Outcome> {
  const { tool } = invocation
  if (tool.effect === 'write' && tool.onOutage !== 'allow') throw outage
  // Nobody can be asked while nothing can be recorded.
  if (await needsApproval(invocation)) throw outage
  const body = new LiveBody('', waiterOf(invocation))
  return runUnprotected(invocation, body, outage).finally(() => body.settle(undefined))
}

/** Runs a body without the ledger, because it may while the store is out of reach. */
export async function runUnprotected(
  invocation: Invocation,
  body: LiveBody,
  cause: StoreUnavailableError,
): Promise<Outcome> {
  const { run, tool, args, keyed, lane } = invocation
  const key = keyed.keys[0]
  const context = new BodyContext(run, body, {
    ownerSeq: run.ref.seq,
    key,
    epoch: run.ref.epoch,
    generation: 1,
    attempt: 1,
  })
  const inner = run.newLane(() => laneOfBody(lane.id, key, 1))
  const work = () => run.inLane(inner, body, () => tool.execute?.(args, context))
  const ended = await runBody(run, tool, body, work)
  run.unprotected(
    { kind: tool.effect === 'read' ? 'read' : 'effect', name: tool.name, failed: ended.kind !== 'value' },
    cause,
  )
  if (ended.kind === 'value') return { kind: 'value', value: ended.value, body: null, effect: null, generation: 1 }
  return { kind: 'error', error: ended.error, effect: null, generation: 1, body: errorBody(ended.error) }
}
