import type { Bench } from '../support/bench.ts'
import { OurHolds } from '../support/our-holds.ts'
import { OurLedger } from '../support/our-ledger.ts'
import { mediansOf } from '../support/rounds.ts'
import { ScratchFolder } from '../support/scratch-folder.ts'

const ROUNDS = 9
const HOLDS = 1_280
const SEQUENTIAL = 200
const MIN_VERBS_PER_TRANSACTION = 32

/** 64 synced holds at once on the same scopes, against our own synced holds one after another. */
export const bench: Bench = {
  unit: 'us/hold',
  better: 'higher',
  goal: 8,
  async run() {
    using folder = new ScratchFolder()
    await using our = new OurLedger(folder.file('together.db'), 'full')
    await using alone = new OurLedger(folder.file('alone.db'), 'full')
    const [together, sequential] = [await OurHolds.on(our), await OurHolds.on(alone)]
    const { combiner } = await our.connection()
    const before = combiner.counts
    const medians = await mediansOf(ROUNDS, {
      ours: (round) => together.round(`run-${round}`, HOLDS, 64),
      sequential: (round) => sequential.round(`run-${round}`, SEQUENTIAL),
    })
    const verbsPerTransaction = (combiner.counts.verbs - before.verbs) / (combiner.counts.batches - before.batches)
    return {
      ours: medians.ours,
      reference: medians.sequential,
      value: medians.sequential / medians.ours,
      counts: { rounds: ROUNDS, holds: HOLDS, inFlight: 64, verbsPerTransaction },
      sound: verbsPerTransaction >= MIN_VERBS_PER_TRANSACTION,
    }
  },
}
