import type { Bench } from '../support/bench.ts'
import { leaveDeadTrips, recoverTrips } from '../support/dead-trips.ts'
import { mediansOf } from '../support/rounds.ts'
import { ScratchFolder } from '../support/scratch-folder.ts'

const DEAD = 1_000
const FINISHED = 100_000
const MAX_BESIDE_FINISHED = 1.2
const ROUNDS = 7

/** Clearing up after 2,000 runs that died, against 1,000; and after 1,000 among many that have finished. */
export const bench: Bench = {
  unit: 'ms',
  better: 'lower',
  goal: 2.2,
  async run() {
    using folder = new ScratchFolder()
    const files = { once: folder.file('once.db'), twice: folder.file('twice.db'), beside: folder.file('beside.db') }
    await leaveDeadTrips(files.once, DEAD)
    await leaveDeadTrips(files.twice, 2 * DEAD)
    await leaveDeadTrips(files.beside, DEAD, FINISHED)
    const copy = folder.file('copy.db')
    const medians = await mediansOf(ROUNDS, {
      once: () => recoverTrips(files.once, copy, DEAD),
      twice: () => recoverTrips(files.twice, copy, 2 * DEAD),
      beside: () => recoverTrips(files.beside, copy, DEAD),
    })
    const besideFinished = medians.beside / medians.once
    return {
      ours: medians.twice,
      reference: medians.once,
      value: medians.twice / medians.once,
      counts: { rounds: ROUNDS, dead: DEAD, finished: FINISHED, besideFinishedMs: medians.beside, besideFinished },
      sound: besideFinished <= MAX_BESIDE_FINISHED,
    }
  },
}
