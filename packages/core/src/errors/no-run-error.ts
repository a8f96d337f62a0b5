import { HoldfastError } from './holdfast-error.ts'

/** A tool, or something else that belongs to a run, was called outside any. */
export class NoRunError extends HoldfastError {
  static override readonly code = 'no-run'
  declare readonly code: 'no-run'

  /** `what`: the subject of the sentence, such as `Tool "charge-card"`. */
  constructor(what: string) {
    const message =
      `${what} was called outside a run, and did nothing: without a run it has no key that would keep it from happening twice. ` +
      'Call it within ledger.run(…); where a framework loses the async context, use run.perform(tool, args).'
    super(message, { status: 400 })
  }
}
