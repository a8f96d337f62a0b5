import { HoldfastError, hide } from './holdfast-error.ts'

export interface Divergence {
  runId: string
  /** The first place that differs: `messages[2].content`. */
  path: string
  /** What the record has there. */
  expected: unknown
  /** What came now. */
  actual: unknown
  /** Which call of its lane, from 1. */
  position: number
}

/** A resumed run asks something that it did not ask before, and going on could repeat what it did. */
export class DivergenceError extends HoldfastError {
  static override readonly code = 'divergence'
  declare readonly code: 'divergence'
  readonly runId: string
  readonly path: string
  readonly position: number
  declare readonly expected: unknown
  declare readonly actual: unknown

  constructor(facts: Divergence) {
    const { expected, actual } = facts
    super(`${whereOf(facts)} (recorded: ${excerpt(expected)}; now: ${excerpt(actual)}). ${ADVICE}`, { status: 409 })
    this.runId = facts.runId
    this.path = facts.path
    this.position = facts.position
    hide(this, 'expected', expected)
    hide(this, 'actual', actual)
  }

  protected override publicMessage(): string {
    return `${whereOf(this)}. ${ADVICE}`
  }
}

const EXCERPT_LENGTH = 80
const ADVICE =
  'It was halted, because a new answer could repeat effects that are on record under other arguments. ' +
  "Bring back the prompt of the record, give those tools keys of your own, or allow it with onResumeMismatch: 'live'."

function whereOf({ runId, path, position }: { runId: string; path: string; position: number }): string {
  return `Run "${runId}" differs from its record in ${position > 0 ? `call ${position}` : 'its first steps'} at ${path === '' ? 'the request' : path}`
}

function excerpt(value: unknown): string {
  try {
    const text = JSON.stringify(value) ?? 'nothing'
    return text.length > EXCERPT_LENGTH ? `${text.slice(0, EXCERPT_LENGTH)}…` : text
  } catch {
    return 'an unreadable value'
  }
}
