import type { Bench } from '../support/bench.ts'
import { compareEffects } from '../support/compare-effects.ts'

/** An effect without syncing, against two statements by hand. */
export const bench: Bench = {
  unit: 'us/effect',
  better: 'higher',
  goal: 0.45,
  run: () => compareEffects({ durability: 'fast', rounds: 15, effects: 1_000 }),
}
