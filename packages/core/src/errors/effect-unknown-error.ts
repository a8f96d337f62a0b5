import { HoldfastError } from './holdfast-error.ts'

/** Nobody knows whether an effect happened: its process died, or its answer was lost. */
export class EffectUnknownError extends HoldfastError {
  static override readonly code = 'effect-unknown'
  declare readonly code: 'effect-unknown'
  readonly tool: string
  readonly key: string
  /** What the tool handed to the outside: ask there with it. */
  readonly idempotencyKey: string
  readonly runId: string

  constructor(facts: { tool: string; key: string; idempotencyKey: string; runId: string; cause?: unknown }) {
    const message =
      `Nobody knows whether "${facts.tool}" happened outside (run "${facts.runId}", idempotency key ${facts.idempotencyKey}). ` +
      'It was not run again, and the run stops here. Look it up outside, then say what happened with ' +
      `ledger.effects.resolve('${facts.key}', …), or give the tool an onUnknown of its own.`
    super(message, { status: 409, ...('cause' in facts ? { cause: facts.cause } : {}) })
    this.tool = facts.tool
    this.key = facts.key
    this.idempotencyKey = facts.idempotencyKey
    this.runId = facts.runId
  }
}
