import type { LiveBody } from '../lane/live-body.ts'
import type { RunScope } from '../lane/run-scope.ts'
import type { EffectContext } from '../tool/tool-definition.ts'
import { downstreamKey, formatEffectKey } from '../util/effect-key-text.ts'

/** The identity of one execution of an effect. */
export interface Execution {
  readonly ownerSeq: number
  readonly key: Buffer
  readonly epoch: number
  readonly generation: number
  readonly attempt: number
}

/** What a body is told; the costly parts are made when it looks at them. */
export class BodyContext implements EffectContext {
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
    return downstreamKey(this.#execution.key, this.#execution.generation)
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

  get signal(): AbortSignal {
    return this.#body.signal
  }

  heartbeat = async (): Promise<boolean> => (await this.#run.heartbeat()) && !this.#body.isAborted
}
