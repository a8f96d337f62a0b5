import type { Bench } from '../support/bench.ts'
import { OurLedger } from '../support/our-ledger.ts'
import { OurSagas } from '../support/our-sagas.ts'
import { assertSamePragmas, SYNCHRONOUS } from '../support/pragmas.ts'
import { openRaw } from '../support/raw-database.ts'
import { RawSagas } from '../support/raw-sagas.ts'
import { mediansOf } from '../support/rounds.ts'
import { ScratchFolder } from '../support/scratch-folder.ts'

const ROUNDS = 15
const SAGAS = 100

/** Ten steps in five groups of two, all of them undone in the end, against 40 statements by hand. */
export const bench: Bench = {
  unit: 'us/saga',
  better: 'higher',
  goal: 0.35,
  async run() {
    using folder = new ScratchFolder()
    await using our = new OurLedger(folder.file('ours.db'), 'fast')
    const sagas = new OurSagas(our.ledger)
    const database = openRaw(folder.file('raw.db'), 'fast')
    const raw = new RawSagas(database)
    const { combiner } = await our.connection()
    const medians = await mediansOf(ROUNDS, {
      ours: (round) => sagas.round(`round-${round}`, SAGAS),
      raw: (round) => raw.round(`round-${round}`, SAGAS),
    })
    const { batches } = combiner.counts
    assertSamePragmas(SYNCHRONOUS.fast, (await our.connection()).database, database)
    database.close()
    return {
      ours: medians.ours,
      reference: medians.raw,
      value: medians.raw / medians.ours,
      counts: { rounds: ROUNDS, sagas: SAGAS, transactionsPerSaga: batches / (SAGAS * (ROUNDS + 1)) },
    }
  },
}
