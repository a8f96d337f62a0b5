import type { CommitEffect, EffectCommitted, EffectOutcome } from '../effect-verbs.ts'
import type { EffectRecord } from '../records.ts'
import { mapBodies } from './bodies.ts'
import type { Sealer } from './sealer.ts'

/** Outcomes of effects, each sealed once: a store knows a repeated commit by its text, and sealing twice makes two. */
export class SealedOutcomes {
  readonly #sealer: Sealer
  readonly #sealed = new WeakMap<EffectOutcome, EffectOutcome>()

  constructor(sealer: Sealer) {
    this.#sealer = sealer
  }

  seal(outcome: EffectOutcome): EffectOutcome {
    const known = this.#sealed.get(outcome)
    if (known !== undefined) return known
    const sealed = mapBodies(outcome, this.#sealer.seal)
    this.#sealed.set(outcome, sealed)
    return sealed
  }

  open(commit: CommitEffect, answer: EffectCommitted): EffectCommitted {
    const committed = mapBodies(answer, this.#sealer.unseal)
    return isRepeated(commit, committed) ? repeated(committed.effect) : committed
  }
}

/** A success that somebody records again, such as a webhook by hand: the same words in another seal. */
function isRepeated(
  { epoch, outcome }: CommitEffect,
  committed: EffectCommitted,
): committed is Extract<EffectCommitted, { kind: 'lost' }> {
  if (committed.kind !== 'lost' || outcome.kind !== 'succeeded') return false
  const { effect } = committed
  return effect.status === 'succeeded' && effect.epoch === epoch && effect.result === outcome.result
}

function repeated({ commitSeq, attempt }: EffectRecord): EffectCommitted {
  return { kind: 'committed', commitSeq, attempt }
}
