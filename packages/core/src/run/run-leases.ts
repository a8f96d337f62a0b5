import type { LedgerContext } from '../config/ledger-context.ts'
import { LeaseLostError } from '../errors/lease-lost-error.ts'
import type { LiveBody } from '../lane/live-body.ts'
import { type LeasedRun, LeaseKeeper } from '../lease/lease-keeper.ts'

/** The leases of one run and of its effects, and the bodies that are told when they are gone. */
export class RunLeases {
  readonly #context: LedgerContext
  readonly #runId: string
  readonly #bodies = new Set<LiveBody>()
  #keeper: LeaseKeeper | undefined
  #endRun: (() => void) | undefined

  constructor(context: LedgerContext, runId: string) {
    this.#context = context
    this.#runId = runId
  }

  /** Renews the run's own lease until `end`. */
  begin(run: LeasedRun): void {
    this.#endRun = this.#keep().addRun(run)
  }

  end(): void {
    this.#endRun?.()
  }

  /** Renews an effect's lease together with the run's. Returns what ends that. */
  add(effect: { readonly id: number; readonly epoch: number; readonly leaseMs: number }, body: LiveBody): () => void {
    this.#bodies.add(body)
    const onLost = () => body.abort(new LeaseLostError({ runId: this.#runId }))
    const remove = this.#keep().addEffect({ ...effect, onLost })
    return () => {
      this.#bodies.delete(body)
      remove()
    }
  }

  /** Tells a body that has no lease when all are to stop. Returns what ends that. */
  watch(body: LiveBody): () => void {
    this.#bodies.add(body)
    return () => {
      this.#bodies.delete(body)
    }
  }

  abortBodies(reason: unknown): void {
    for (const body of this.#bodies) body.abort(reason)
  }

  /** Renews now; false when the store could not be reached. */
  beat(): Promise<boolean> {
    return this.#keep().beat()
  }

  /** Made when there is something to renew: a run of records has nothing. */
  #keep(): LeaseKeeper {
    this.#keeper ??= LeaseKeeper.of(this.#context.store, this.#context.clock)
    return this.#keeper
  }
}
