import { HoldfastError } from './holdfast-error.ts'

/** One key, two meanings: an effect's key with other arguments, or a run's id with another input. */
export class IdempotencyConflictError extends HoldfastError {
  static override readonly code = 'idempotency-conflict'
  declare readonly code: 'idempotency-conflict'
  /** Absent when it is a run's id that has two inputs. */
  declare readonly tool?: string
  /** The effect's key, or the run's id. */
  readonly key: string
  /** The first difference, where it is known. */
  declare readonly path?: string

  constructor(facts: { tool?: string; key: string; path?: string }) {
    super(messageOf(facts), { status: 409 })
    if (facts.tool !== undefined) this.tool = facts.tool
    this.key = facts.key
    if (facts.path !== undefined) this.path = facts.path
  }
}

function messageOf({ tool, key, path }: { tool?: string; key: string; path?: string }): string {
  const place = path ? ` (they differ at ${path})` : ''
  if (tool === undefined) {
    return `Run "${key}" was started with another input, or as a shared run and now as one that is not${place}. Nothing ran. Use a new id for new input, such as the id of the message that starts the turn.`
  }
  return `The key of "${tool}" was used with other arguments${place}. It was not run. Make a key that names one effect, or use keys or resource, which allow other arguments.`
}
