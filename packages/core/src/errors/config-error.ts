import { HoldfastError } from './holdfast-error.ts'

/** Something was set up or called in a way that cannot work. */
export class ConfigError extends HoldfastError {
  static override readonly code = 'config'
  declare readonly code: 'config'

  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, { ...options, status: 400 })
  }
}
