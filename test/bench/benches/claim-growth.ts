import type { Bench } from '../support/bench.ts'
import { ClaimingStore } from '../support/claiming-store.ts'
import { fillLedger } from '../support/fill-ledger.ts'
import { mediansOf } from '../support/rounds.ts'
import { ScratchFolder } from '../support/scratch-folder.ts'

const FEW = 10_000
const MANY = 2_000_000
const ROUNDS = 15
const RUNS = 20
const CLAIMS_PER_RUN = 50

/** A claim in a ledger of 2,000,000 effects, against one in a ledger of 10,000. */
export const bench: Bench = {
  unit: 'us/claim',
  better: 'lower',
  goal: 1.2,
  async run() {
    using folder = new ScratchFolder()
    await using few = await filledStore(folder.file('few.db'), FEW)
    await using many = await filledStore(folder.file('many.db'), MANY)
    const medians = await mediansOf(ROUNDS, {
      few: (round) => few.round(`round-${round}`, RUNS, CLAIMS_PER_RUN),
      many: (round) => many.round(`round-${round}`, RUNS, CLAIMS_PER_RUN),
    })
    return {
      ours: medians.many,
      reference: medians.few,
      value: medians.many / medians.few,
      counts: { few: FEW, many: MANY, rounds: ROUNDS, claims: RUNS * CLAIMS_PER_RUN },
    }
  },
}

async function filledStore(path: string, effects: number): Promise<ClaimingStore> {
  const empty = new ClaimingStore(path)
  await empty.migrate()
  await empty[Symbol.asyncDispose]()
  fillLedger(path, effects)
  return new ClaimingStore(path)
}
