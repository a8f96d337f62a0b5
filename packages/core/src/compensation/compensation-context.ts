import type { LiveBody } from '../lane/live-body.ts'
import type { RunScope } from '../lane/run-scope.ts'
import type { CompensationContext } from '../tool/tool-definition.ts'
import { compensationKey, formatEffectKey } from '../util/effect-key-text.ts'

/** One execution of a compensation, and what it is given to go on. */
export interface Execution {
  readonly ownerSeq: number
  readonly key: Buffer
  readonly generation: number
  readonly epoch: number
  readonly attempt: number
  readonly result: unknown
  readonly kept: unknown
}

/** What a compensation is told. */
export class ExecutedCompensation implements CompensationContext {
  readonly #run: RunScope
  readonly #body: LiveBody
  readonly #execution: Execution

  constructor(run: RunScope, body: LiveBody, execution: Execution) {
    this.#run = run
    this.#body = body
    this.#execution = execution
  }

  get runId(): string {
    return this.#run.id
  }

  get key(): string {
    return formatEffectKey(this.#execution.ownerSeq, this.#execution.key)
  }

  get idempotencyKey(): string {
    return compensationKey(this.#execution.key, this.#execution.generation)
  }

  get attempt(): number {
    return this.#execution.attempt
  }

  get generation(): number {
    return this.#execution.generation
  }

  get epoch(): number {
    return this.#execution.epoch
  }

  get result(): unknown {
    return this.#execution.result
  }

  get kept(): unknown {
    return this.#execution.kept
  }

  get signal(): AbortSignal {
    return this.#body.signal
  }

  heartbeat = async (): Promise<boolean> => (await this.#run.heartbeat()) && !this.#body.isAborted
}
