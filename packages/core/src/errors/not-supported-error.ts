import { HoldfastError } from './holdfast-error.ts'

/** This version, or this store, cannot do what was asked. */
export class NotSupportedError extends HoldfastError {
  static override readonly code = 'not-supported'
  declare readonly code: 'not-supported'
  readonly feature: string

  constructor(feature: string, advice: string = 'Leave it out, or use a version that supports it.') {
    super(`${feature} is not supported here; nothing was done. ${advice}`, { status: 400 })
    this.feature = feature
  }
}
