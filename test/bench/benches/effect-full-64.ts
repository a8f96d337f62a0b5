import type { Bench } from '../support/bench.ts'
import { compareEffects } from '../support/compare-effects.ts'

const MIN_VERBS_PER_TRANSACTION = 32

/** 64 synced effects in flight, against synced statements by hand, one after another. */
export const bench: Bench = {
  unit: 'us/effect',
  better: 'higher',
  goal: 5,
  async run() {
    const measured = await compareEffects({
      durability: 'full',
      rounds: 15,
      effects: 1_280,
      rawEffects: 300,
      inFlight: 64,
    })
    return { ...measured, sound: (measured.counts.verbsPerTransaction ?? 0) >= MIN_VERBS_PER_TRANSACTION }
  },
}
