import type { Bench } from '../support/bench.ts'
import { compareEffects } from '../support/compare-effects.ts'

/** An effect whose every step is synced to disk, against two synced statements by hand. */
export const bench: Bench = {
  unit: 'us/effect',
  better: 'higher',
  goal: 0.75,
  run: () => compareEffects({ durability: 'full', rounds: 15, effects: 300 }),
}
