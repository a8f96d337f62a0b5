import { HoldfastError } from './holdfast-error.ts'

/**
 * Thrown by a tool's body to say: nothing happened outside, so that the next attempt may be a new one.
 *
 * @example throw new NotAppliedError('The card was declined.', { cause: error })
 */
export class NotAppliedError extends HoldfastError {
  static override readonly code = 'not-applied'
  declare readonly code: 'not-applied'
}
