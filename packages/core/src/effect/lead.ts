import { StoreUnavailableError } from '../errors/store-unavailable-error.ts'
import { LiveBody } from '../lane/live-body.ts'
import { recordAnswer } from './answers.ts'
import { needsApproval } from './approval-question.ts'
import { claim } from './claim.ts'
import { execute } from './execute.ts'
import { type Invocation, keyText, type Outcome, waiterOf } from './invocation.ts'
import { fromRecord } from './serve.ts'
import { runUnprotected } from './unprotected.ts'

/** Decides the effect for everyone in this process who asks for it meanwhile. */
export async function lead(invocation: Invocation, name: string): Promise<Outcome> {
  const { bodies } = invocation.run
  const body = new LiveBody(name, waiterOf(invocation), invocation.keyed.argsHash)
  body.coversInside = invocation.tool.covers === 'inner'
  // Before anything is awaited, so that every later caller finds it.
  bodies.set(name, body)
  const remove = () => {
    if (bodies.get(name) === body) bodies.delete(name)
  }
  try {
    const outcome = await decide(invocation, body)
    settle(body, outcome, remove)
    return outcome
  } catch (error) {
    settle(body, { kind: 'error', error, effect: null, generation: 0, body: null }, remove)
    throw error
  }
}

/** A body that outlived its time keeps its place until it really ends. */
function settle(body: LiveBody, outcome: Outcome, remove: () => void): void {
  if (body.lingering === undefined) remove()
  else body.lingering.then(remove, remove)
  body.settle(outcome)
}

async function decide(invocation: Invocation, body: LiveBody): Promise<Outcome> {
  try {
    const found = invocation.run.expectsHits ? await hit(invocation) : undefined
    return found ?? (await claimAndExecute(invocation, body))
  } catch (error) {
    const { run, tool } = invocation
    if (!StoreUnavailableError.isInstance(error) || body.effect !== null) throw error
    if (tool.onOutage === 'allow' && !(await needsApproval(invocation))) return runUnprotected(invocation, body, error)
    await run.halt(error)
    throw error
  }
}

/**
 * The straight path of a duplicate: one read, no transaction. A run looks as long as it finds something: else the
 * claim, which finds duplicates as well, is cheaper alone.
 */
async function hit(invocation: Invocation): Promise<Outcome | undefined> {
  const { run, keyed } = invocation
  const look = await run.context.store.lookEffect({ run: run.ref, owner: keyed.owner, keys: keyed.keys })
  if (look.kind === 'refused') throw run.refusal(look)
  const { effect } = look
  run.expectsHits = effect !== null
  if (effect?.status !== 'succeeded') return undefined
  const argsDiffer = keyed.argsHash !== null && look.argsHash !== null && !keyed.argsHash.equals(look.argsHash)
  // The claim says what a conflict is.
  if (argsDiffer && keyed.onOtherArgs === 'conflict') return undefined
  const outcome = fromRecord(effect)
  if (outcome === undefined) return undefined
  recordAnswer(invocation, 'hit', outcome)
  emitDeduplicated(invocation, keyText(effect), argsDiffer)
  return outcome
}

async function claimAndExecute(invocation: Invocation, body: LiveBody): Promise<Outcome> {
  let before: number | null = null
  for (let tries = 1; ; tries++) {
    const answer = await claim(invocation, body, before)
    if (answer.kind === 'awaiting_approval') {
      invocation.run.park(answer.error)
      body.parent?.holdUp(answer.error)
      throw answer.error
    }
    if (answer.kind === 'settled') {
      invocation.run.expectsHits = true
      recordAnswer(invocation, answer.waited ? 'join' : 'hit', answer.outcome)
      if (!answer.waited && answer.outcome.kind === 'value') emitDeduplicated(invocation, answer.key, answer.argsDiffer)
      return answer.waited ? { ...answer.outcome, joined: true } : answer.outcome
    }
    const outcome = await execute(invocation, body, answer.claim, tries)
    if (outcome !== 'again') return outcome
    before = answer.claim.id
  }
}

function emitDeduplicated({ run, tool }: Invocation, key: string, argsDiffer: boolean): void {
  const { events } = run.context
  if (!events.hasListeners('effect-deduplicated')) return
  const remedy = tool.classified
    ? undefined
    : `'${tool.name}' is not classified, so it counts as a write and was not run again. If it only reads, declare effect: 'read'; if each call is meant to act, declare repeatable: true.`
  events.emit('effect-deduplicated', { runId: run.id, tool: tool.name, key, argsDiffer, remedy })
}
