import { ApprovalDeniedError } from '../errors/approval-denied-error.ts'
import type { RequiredApproval } from '../errors/approval-required-error.ts'
import { ConfigError } from '../errors/config-error.ts'
import { EffectUnknownError } from '../errors/effect-unknown-error.ts'
import { LeaseLostError } from '../errors/lease-lost-error.ts'
import { LiveBody } from '../lane/live-body.ts'
import type { Claimed } from '../store/effect-verbs.ts'
import type { PerformOptions } from '../tool/tool.ts'
import type { ToolSpec } from '../tool/tool-spec.ts'
import { downstreamKey } from '../util/effect-key-text.ts'
import { recordAnswer } from './answers.ts'
import { asApproved } from './approved-args.ts'
import { certaintyOf } from './certainty.ts'
import { claim } from './claim.ts'
import { commitFailure, commitUnknown, commitValue } from './commit.ts'
import { type Invocation, keyText, type Outcome, waiterOf } from './invocation.ts'
import { overGeneration } from './over-generation.ts'
import { invocationOf, type Place } from './perform.ts'
import { serve } from './serve.ts'
import { haltedBy, tellAnswer, tellServed, tellThrown } from './watch.ts'

/** The right to do an effect by hand, or what it came to without you. */
export type ManualClaim<Result> =
  | ClaimedByHand<Result>
  | SettledClaim<Result>
  | FailedClaim
  | BusyClaim
  | AwaitingClaim
  | DeniedClaim

export interface SettledClaim<Result> extends AsyncDisposable {
  readonly kind: 'settled'
  readonly result: Result
}
export interface FailedClaim extends AsyncDisposable {
  readonly kind: 'failed'
  readonly error: unknown
}
/** It runs in this process right now. */
export interface BusyClaim extends AsyncDisposable {
  readonly kind: 'busy'
}
/** A human has to decide first; the run goes on meanwhile. */
export interface AwaitingClaim extends AsyncDisposable {
  readonly kind: 'awaiting_approval'
  readonly approval: RequiredApproval
}
/** A human said no. */
export interface DeniedClaim extends AsyncDisposable {
  readonly kind: 'denied'
  readonly error: Error
}
export interface ClaimedByHand<Result> extends AsyncDisposable {
  readonly kind: 'claimed'
  readonly key: string
  /** What to do it with: the arguments as the schema parsed them, or those that an approval put in their place. */
  readonly args: unknown
  readonly idempotencyKey: string
  readonly attempt: number
  readonly signal: AbortSignal
  /** Records the success; answers the result as later callers get it. */
  commit(result: Result): Promise<Result>
  /** Records the failure, by what the error says about the outside. */
  fail(error: unknown): Promise<void>
}

const NOTHING_TO_DISPOSE = async (): Promise<void> => undefined

/** Claims an effect whose body the caller runs. Waits, like a perform, for one that is in progress elsewhere. */
export async function beginEffect(
  place: Place,
  tool: ToolSpec<unknown, unknown>,
  input: unknown,
  options?: PerformOptions,
): Promise<ManualClaim<unknown>> {
  place.run.assertOpen(place.parent)
  if (place.run.outage !== undefined) throw place.run.outage
  if (tool.effect === 'read')
    throw new ConfigError(`tool '${tool.name}' is a read: it needs no claim. Call it instead of beginning it.`)
  const invocation = await invocationOf(place, tool, input, options)
  const { keyed, recorded, run, watched } = invocation
  const served = recorded === undefined ? undefined : await serve(invocation, recorded)
  if (recorded !== undefined && served !== undefined) {
    await tellServed(invocation, recorded, served)
    return told(served)
  }
  const loop = watched?.loop()
  if (loop !== undefined) throw await haltedBy(loop, run)
  const name = keyed.keys[0].toString('latin1')
  if (run.bodies.has(name)) return { kind: 'busy', [Symbol.asyncDispose]: NOTHING_TO_DISPOSE }
  const body = new LiveBody(name, waiterOf(invocation), keyed.argsHash)
  body.isByHand = true
  body.coversInside = tool.covers === 'inner'
  run.bodies.set(name, body)
  try {
    const answer = await claim(invocation, body)
    if (answer.kind === 'claimed') return await opened(invocation, body, answer.claim)
    if (answer.kind === 'awaiting_approval') {
      settle(invocation, body, { kind: 'error', error: answer.error, effect: null, generation: 0, body: null })
      const { approval } = answer.error
      return { kind: 'awaiting_approval', approval, [Symbol.asyncDispose]: NOTHING_TO_DISPOSE }
    }
    recordAnswer(invocation, 'hit', answer.outcome)
    if (!answer.waited) tellAnswer(invocation, answer.outcome)
    settle(invocation, body, answer.outcome)
    return told(answer.outcome)
  } catch (error) {
    tellThrown(invocation, error)
    settle(invocation, body, { kind: 'error', error, effect: null, generation: 0, body: null })
    throw error
  }
}

/** Yours to do, unless an approval edited the arguments and they do not fit the schema. */
async function opened(invocation: Invocation, body: LiveBody, claim: Claimed): Promise<ManualClaim<unknown>> {
  try {
    return new OpenClaim(await asApproved(invocation, body, claim), body, claim)
  } catch (error) {
    const refused = new OpenClaim(invocation, body, claim)
    await refused.fail(error)
    return { kind: 'failed', error, [Symbol.asyncDispose]: NOTHING_TO_DISPOSE }
  }
}

function settle({ run }: Invocation, body: LiveBody, outcome: Outcome): void {
  run.bodies.delete(body.key)
  body.settle(outcome)
}

function told(outcome: Outcome): SettledClaim<unknown> | FailedClaim | DeniedClaim {
  if (outcome.kind === 'value')
    return { kind: 'settled', result: outcome.value, [Symbol.asyncDispose]: NOTHING_TO_DISPOSE }
  if (ApprovalDeniedError.isInstance(outcome.error))
    return { kind: 'denied', error: outcome.error, [Symbol.asyncDispose]: NOTHING_TO_DISPOSE }
  return { kind: 'failed', error: outcome.error, [Symbol.asyncDispose]: NOTHING_TO_DISPOSE }
}

class OpenClaim implements ClaimedByHand<unknown> {
  readonly kind = 'claimed'
  readonly #invocation: Invocation
  readonly #body: LiveBody
  readonly #claim: Claimed
  readonly #claimedAt: number
  readonly #end: () => void
  #isOpen = true

  constructor(invocation: Invocation, body: LiveBody, claim: Claimed) {
    const { run, tool } = invocation
    this.#invocation = invocation
    this.#body = body
    this.#claim = claim
    this.#claimedAt = run.context.clock.now()
    body.effect = claim.id
    run.tools.remember(tool, claim.id)
    const endLease = run.lease({ id: claim.id, epoch: claim.epoch, leaseMs: tool.leaseMs }, body)
    const leave = run.context.store.enter()
    const leaveAtEnd = run.leaveOpen(() => this[Symbol.asyncDispose]())
    this.#end = () => {
      leaveAtEnd()
      leave()
      endLease()
    }
  }

  get key(): string {
    return keyText(this.#claim)
  }

  get args(): unknown {
    return this.#invocation.args
  }

  get idempotencyKey(): string {
    return downstreamKey(this.#claim.key, this.#claim.generation)
  }

  get attempt(): number {
    return this.#claim.attempt
  }

  get signal(): AbortSignal {
    return this.#body.signal
  }

  async commit(result: unknown): Promise<unknown> {
    const outcome = await this.#settled(async () => {
      const committed = await commitValue(this.#invocation, this.#body, this.#claim, result)
      return 'failed' in committed ? this.#failure(committed.failed.error) : committed
    })
    if (outcome.kind === 'error') throw outcome.error
    return outcome.value
  }

  async fail(error: unknown): Promise<void> {
    await this.#settled(() => this.#failure(error))
  }

  /** Left open: nobody knows what happened, unless a human is asked first whether it may. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isOpen) return
    const { run, tool } = this.#invocation
    if (await this.#isGivenUpForRequest()) return this.#givenUp()
    const facts = { tool: tool.name, key: this.key, idempotencyKey: this.idempotencyKey, runId: run.id }
    await this.#settled(() => commitUnknown(this.#invocation, this.#body, this.#claim, new EffectUnknownError(facts)))
  }

  /** `ledger.approvals.request` took the claim back, which it does only as long as the body has not begun. */
  async #isGivenUpForRequest(): Promise<boolean> {
    const { id, epoch } = this.#claim
    const [approval] = await this.#invocation.run.context.store.listApprovals({ effect: id }).catch(() => [])
    return approval !== undefined && approval.effect.epoch > epoch && approval.requestedAt >= this.#claimedAt
  }

  #givenUp(): void {
    this.#isOpen = false
    const error = new LeaseLostError({ runId: this.#invocation.run.id })
    settle(this.#invocation, this.#body, { kind: 'error', error, effect: null, generation: 0, body: null })
    this.#end()
  }

  #failure(error: unknown): Promise<Outcome> {
    const { tool } = this.#invocation
    const certainty = overGeneration(certaintyOf(error, tool.certainty), tool, this.#claim, error)
    if (certainty === 'in_doubt') return commitUnknown(this.#invocation, this.#body, this.#claim, error)
    return commitFailure(this.#invocation, this.#body, this.#claim, error, certainty)
  }

  async #settled(commit: () => Promise<Outcome>): Promise<Outcome> {
    if (!this.#isOpen)
      throw new ConfigError(
        `the claim of '${this.#invocation.tool.name}' is settled already; a claim is committed or failed once.`,
      )
    this.#isOpen = false
    try {
      const outcome = await commit()
      tellAnswer(this.#invocation, outcome)
      settle(this.#invocation, this.#body, outcome)
      return outcome
    } catch (error) {
      settle(this.#invocation, this.#body, { kind: 'error', error, effect: null, generation: 0, body: null })
      throw error
    } finally {
      this.#end()
    }
  }
}
