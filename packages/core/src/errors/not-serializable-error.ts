import { HoldfastError, hide } from './holdfast-error.ts'

export interface NotSerializable {
  /** Where in the value: `items[2].price`; empty for the value itself. */
  path: string
  /** What stands there, as the end of a sentence: "a function". */
  reason: string
  /** The live value that could not be kept. */
  value?: unknown
  /** What the caller was about to do with it. */
  message?: string
  cause?: unknown
}

/** A value cannot be stored, or cannot be part of a key. */
export class NotSerializableError extends HoldfastError {
  static override readonly code = 'not-serializable'
  declare readonly code: 'not-serializable'
  readonly path: string
  readonly reason: string
  /** The live value, for the caller that still has a use for it; never logged or sent. */
  declare readonly value?: unknown

  constructor(facts: NotSerializable) {
    super(facts.message ?? messageOf(facts), { status: 400, ...('cause' in facts ? { cause: facts.cause } : {}) })
    this.path = facts.path
    this.reason = facts.reason
    if ('value' in facts) hide(this, 'value', facts.value)
  }
}

function messageOf({ path, reason }: NotSerializable): string {
  const place = path === '' ? 'The value' : `The value at ${path}`
  return `${place} cannot be recorded: ${reason}. Nothing of it was stored. Pass or return plain data, such as an id, instead.`
}
