import { createLedger, sqlite } from 'holdfast'
import type { Bench } from '../support/bench.ts'
import { OurHolds } from '../support/our-holds.ts'
import { OurLedger } from '../support/our-ledger.ts'
import { assertSamePragmas, SYNCHRONOUS } from '../support/pragmas.ts'
import { openRaw } from '../support/raw-database.ts'
import { RawHolds } from '../support/raw-holds.ts'
import { mediansOf } from '../support/rounds.ts'
import { ScratchFolder } from '../support/scratch-folder.ts'

const ROUNDS = 15
const HOLDS = 1_000

/** A hold taken and settled on three scopes with a budget, against the same rows written by hand. */
export const bench: Bench = {
  unit: 'us/hold',
  better: 'higher',
  goal: 0.6,
  async run() {
    using folder = new ScratchFolder()
    await using our = new OurLedger(folder.file('ours.db'), 'fast')
    const holds = await OurHolds.on(our)
    // Our own tables, empty: the same indexes to keep.
    const empty = createLedger({ store: sqlite(folder.file('raw.db')) })
    await empty.migrate()
    await empty.close()
    const database = openRaw(folder.file('raw.db'), 'fast')
    const raw = new RawHolds(database)
    const medians = await mediansOf(ROUNDS, {
      ours: (round) => holds.round(`run-${round}`, HOLDS),
      raw: () => raw.round(HOLDS),
    })
    assertSamePragmas(SYNCHRONOUS.fast, (await our.connection()).database, database)
    database.close()
    return {
      ours: medians.ours,
      reference: medians.raw,
      value: medians.raw / medians.ours,
      counts: { rounds: ROUNDS, holds: HOLDS },
    }
  },
}
