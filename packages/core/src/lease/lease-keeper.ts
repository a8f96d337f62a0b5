import { StoreUnavailableError } from '../errors/store-unavailable-error.ts'
import { HOLD_LEASE_MS } from '../store/limit-records.ts'
import type { Body, RunStatus } from '../store/records.ts'
import type { LeasesRenewed } from '../store/run-verbs.ts'
import type { Store } from '../store/store.ts'
import type { Clock } from '../util/clock.ts'
import { sharedState } from '../util/shared-state.ts'

/** A run whose lease is renewed, and what it wants to hear. */
export interface LeasedRun {
  readonly store: Store
  readonly seq: number
  readonly epoch: number
  readonly leaseMs: number
  onLost(status: RunStatus): void
  onHalted(halt: Body): void
  /** The store answered: what could not be recorded may be tried again. */
  onReached(): void
}

export interface LeasedEffect {
  readonly id: number
  readonly epoch: number
  readonly leaseMs: number
  onLost(): void
}

/** Leases are renewed this often within their time. */
const RENEWALS_PER_LEASE = 3

/**
 * Renews what this process holds in one store: one timer and one statement for all runs and effects, whatever
 * number of ledgers or copies of this package use that store, and whichever of them is closed first.
 */
export class LeaseKeeper {
  readonly #clock: Clock
  readonly #runs = new Set<LeasedRun>()
  readonly #effects = new Set<LeasedEffect>()
  #intervalMs = Number.POSITIVE_INFINITY
  #stopTimer: (() => void) | undefined
  #beating: Promise<boolean> | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The keeper of a store, shared by all who use it in this process. */
  static of(store: Store, clock: Clock): LeaseKeeper {
    const keepers = sharedState('lease-keepers', () => new WeakMap<object, LeaseKeeper>())
    const keeper = keepers.get(store.identity) ?? new LeaseKeeper(clock)
    keepers.set(store.identity, keeper)
    return keeper
  }

  addRun(run: LeasedRun): () => void {
    this.#runs.add(run)
    // However long its own is: what the run holds may be lost sooner.
    this.#schedule(Math.min(run.leaseMs, HOLD_LEASE_MS))
    return () => {
      this.#runs.delete(run)
      if (this.#runs.size === 0) this.#stop()
    }
  }

  addEffect(effect: LeasedEffect): () => void {
    this.#effects.add(effect)
    this.#schedule(effect.leaseMs)
    return () => {
      this.#effects.delete(effect)
    }
  }

  /** Renews now; false when the store could not be reached. Callers share one renewal. */
  beat(): Promise<boolean> {
    this.#beating ??= this.#renew().finally(() => {
      this.#beating = undefined
    })
    return this.#beating
  }

  async #renew(): Promise<boolean> {
    const runs = [...this.#runs]
    const effects = [...this.#effects]
    const renewed = await renewThroughAny(runs, effects)
    if (renewed === undefined) return false
    for (const run of runs) {
      const lost = renewed.lostRuns.find((lost) => isSameRun(lost, run))
      const halted = renewed.haltedRuns.find((halted) => isSameRun(halted, run))
      if (lost !== undefined) run.onLost(lost.status)
      else if (halted !== undefined) run.onHalted(halted.halt)
      // What a run that is stopped could not record is due all the same.
      run.onReached()
    }
    const lostEffects = new Set(renewed.lostEffects.map(nameOf))
    // One that was committed meanwhile is no longer ours either, and nobody needs to hear of it.
    for (const effect of effects) if (lostEffects.has(nameOf(effect)) && this.#effects.has(effect)) effect.onLost()
    return true
  }

  #schedule(leaseMs: number): void {
    const intervalMs = leaseMs / RENEWALS_PER_LEASE
    if (intervalMs >= this.#intervalMs || !Number.isFinite(intervalMs)) return
    this.#stop()
    this.#intervalMs = intervalMs
    this.#stopTimer = this.#clock.every(intervalMs, () => void this.beat())
  }

  #stop(): void {
    this.#stopTimer?.()
    this.#stopTimer = undefined
    this.#intervalMs = Number.POSITIVE_INFINITY
  }
}

/** The stores share one connection, so any of them renews for all; one whose ledger is closed refuses, and the next is asked. */
async function renewThroughAny(
  runs: readonly LeasedRun[],
  effects: readonly LeasedEffect[],
): Promise<LeasesRenewed | undefined> {
  const held = {
    runs: runs.map(({ seq, epoch }) => ({ seq, epoch })),
    effects: effects.map(({ id, epoch }) => ({ id, epoch })),
  }
  for (const store of new Set(runs.map(({ store }) => store))) {
    try {
      return await store.renewLeases(held)
    } catch (error) {
      // Out of reach: the next beat tries again, and every verb says so by itself.
      if (StoreUnavailableError.isInstance(error)) return undefined
    }
  }
  return undefined
}

/** A canceled run that the same process retries is there twice, and only one of the two is lost. */
function isSameRun(told: { seq: number; epoch: number }, run: LeasedRun): boolean {
  return told.seq === run.seq && told.epoch === run.epoch
}

function nameOf({ id, epoch }: { id: number; epoch: number }): string {
  return `${id}.${epoch}`
}
