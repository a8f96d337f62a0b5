import { EffectInProgressError } from '../errors/effect-in-progress-error.ts'
import type { EffectClaimed } from '../store/effect-verbs.ts'
import { backoffDelay } from '../util/backoff.ts'
import { pause } from './goes-on.ts'
import { type Invocation, keyText, waitOptions } from './invocation.ts'

type Busy = Extract<EffectClaimed, { kind: 'busy' }>

/** Waits for an effect that somebody else is doing, with backoff and jitter. */
export class Waiting {
  turns = 0
  readonly #invocation: Invocation
  readonly #since: number

  constructor(invocation: Invocation) {
    this.#invocation = invocation
    this.#since = invocation.run.context.clock.monotonic()
  }

  async turn(busy: Busy): Promise<void> {
    const { run, parent } = this.#invocation
    const { clock, random } = run.context
    const wait = waitOptions(this.#invocation)
    const waited = clock.monotonic() - this.#since
    if (busy.cycle || wait.onBusy === 'throw' || waited >= wait.timeoutMs) throw this.#inProgress(busy)
    const delay = backoffDelay(wait, this.turns++, random)
    // Not longer than the lease: its end is when there is something to do.
    await pause(run, Math.max(1, Math.min(delay, busy.lease.remainingMs, wait.timeoutMs - waited)), parent)
  }

  #inProgress({ effect, lease, cycle }: Busy): EffectInProgressError {
    const facts = { tool: effect.tool, key: keyText(effect), cycle }
    if (!Number.isFinite(lease.remainingMs)) return new EffectInProgressError(facts)
    return new EffectInProgressError({
      ...facts,
      leaseUntil: this.#invocation.run.context.clock.now() + lease.remainingMs,
    })
  }
}
