import type { Bench } from '../support/bench.ts'
import { LangGraphSaver } from '../support/lang-graph-saver.ts'
import { OurLedger } from '../support/our-ledger.ts'
import { orderOf } from '../support/payload.ts'
import { assertSamePragmas, SYNCHRONOUS } from '../support/pragmas.ts'
import { openRaw } from '../support/raw-database.ts'
import { mediansOf } from '../support/rounds.ts'
import { ScratchFolder } from '../support/scratch-folder.ts'

const ROUNDS = 15
const EFFECTS = 1_000

/** An effect without syncing, against what LangGraph writes for a step: a checkpoint and the writes of its task. */
export const bench: Bench = {
  unit: 'us/effect',
  better: 'higher',
  goal: 1.1,
  async run() {
    using folder = new ScratchFolder()
    await using our = new OurLedger(folder.file('ours.db'), 'fast')
    const database = openRaw(folder.file('langgraph.db'), 'fast')
    const saver = new LangGraphSaver(database)
    const medians = await mediansOf(ROUNDS, {
      ours: (round) => our.round(`run-${round}`, EFFECTS),
      langGraph: (round) =>
        saver.round(
          `thread-${round}`,
          Array.from({ length: EFFECTS }, (_, n) => orderOf(`run-${round}-${n}`)),
        ),
    })
    assertSamePragmas(SYNCHRONOUS.fast, (await our.connection()).database, database)
    database.close()
    const { ours, langGraph } = medians
    return { ours, reference: langGraph, value: langGraph / ours, counts: { rounds: ROUNDS, effects: EFFECTS } }
  },
}
