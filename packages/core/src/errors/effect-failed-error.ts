import { HoldfastError, hide } from './holdfast-error.ts'
import { reviveError } from './revive.ts'
import type { SerializedError } from './serialized-error.ts'

/**
 * A tool's body threw, and that failure is on record.
 *
 * Its name and message are the original's, so that a model reads the same words live and on resume.
 */
export class EffectFailedError extends HoldfastError {
  static override readonly code = 'effect-failed'
  declare readonly code: 'effect-failed'
  readonly tool: string
  readonly key: string
  /** What the body threw, as it is stored. */
  declare readonly original: SerializedError

  /** `cause`: the live error, where there is one; else it is made from `original`. */
  constructor(facts: { tool: string; key: string; original: SerializedError; cause?: unknown }) {
    super(facts.original.message, { cause: facts.cause ?? reviveError(facts.original) })
    this.tool = facts.tool
    this.key = facts.key
    hide(this, 'original', facts.original)
    hide(this, 'name', facts.original.name)
  }

  protected override publicMessage(): string {
    return `The tool "${this.tool}" failed.`
  }
}
