import type { LoopSettings } from '../config/loop-options.ts'
import { CycleDetector } from './cycle-detector.ts'
import type { LoopDetector } from './loop-detector.ts'
import { StagnationDetector } from './stagnation-detector.ts'
import { WindowDetector } from './window-detector.ts'

/** One round comes round nowhere: who looks at a thing, changes it and looks again does not go in a circle. */
export const LEAST_ROUNDS = 2

/** Those that the settings ask for, the plainest first. */
export function detectorsFor({ repeats, cycle, windowMs, sameResult }: LoopSettings): readonly LoopDetector[] {
  return [
    new CycleDetector(1, repeats),
    ...Array.from({ length: cycle - 1 }, (_, index) => new CycleDetector(index + 2, Math.max(LEAST_ROUNDS, repeats))),
    ...(windowMs === undefined ? [] : [new WindowDetector(windowMs, repeats)]),
    ...(sameResult === undefined ? [] : [new StagnationDetector(sameResult)]),
  ]
}
