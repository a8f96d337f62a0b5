import { BodyContext, type Execution as BodyExecution } from '../effect/body-context.ts'
import type { LiveBody } from '../lane/live-body.ts'
import type { RunScope } from '../lane/run-scope.ts'
import type { CompensationContext } from '../tool/tool-definition.ts'
import { compensationKey } from '../util/effect-key-text.ts'

/** One execution of a compensation, and what it is given to go on. */
export interface Execution extends BodyExecution {
  readonly result: unknown
  readonly kept: unknown
}

/** What a compensation is told. */
export class ExecutedCompensation extends BodyContext implements CompensationContext {
  readonly #execution: Execution

  constructor(run: RunScope, body: LiveBody, execution: Execution) {
    super(run, body, execution)
    this.#execution = execution
  }

  override get idempotencyKey(): string {
    return compensationKey(this.#execution.key, this.#execution.generation)
  }

  get result(): unknown {
    return this.#execution.result
  }

  get kept(): unknown {
    return this.#execution.kept
  }
}
