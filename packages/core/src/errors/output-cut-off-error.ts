import { HoldfastError } from './holdfast-error.ts'
import { countText } from './limit-text.ts'

/**
 * A stream was cut off, because more came out of it than was put aside for its output: what had come until then was handed
 * on, and counts.
 */
export class OutputCutOffError extends HoldfastError {
  static override readonly code = 'output-cut-off'
  declare readonly code: 'output-cut-off'
  readonly model: string
  /** Tokens that were put aside for its output. */
  readonly outputTokens: number

  constructor({ model, outputTokens }: { model: string; outputTokens: number }) {
    const message =
      `The answer of "${model}" was cut off: more came than the ${countText(outputTokens, 'tokens')} of output that were put aside for it. ` +
      `What came before was handed on, and counts. Send a cap that its provider keeps to, or raise the limit that left no room for more.`
    super(message, { status: 402 })
    this.model = model
    this.outputTokens = outputTokens
  }
}
