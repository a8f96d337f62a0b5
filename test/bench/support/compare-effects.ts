import type { Measured } from './bench.ts'
import { OurLedger } from './our-ledger.ts'
import { orderOf } from './payload.ts'
import { assertSamePragmas, SYNCHRONOUS } from './pragmas.ts'
import { openRaw } from './raw-database.ts'
import { RawEffects, rawEffectOf } from './raw-effects.ts'
import { mediansOf } from './rounds.ts'
import { ScratchFolder } from './scratch-folder.ts'

export interface Comparison {
  readonly durability: 'fast' | 'full'
  readonly rounds: number
  /** Per round. */
  readonly effects: number
  /** Per round by hand. @default as many as ours */
  readonly rawEffects?: number
  /** Ours; by hand it is always one after another. @default 1 */
  readonly inFlight?: number
}

/** Whole effects by the public face against the two statements that a person would write by hand. */
export async function compareEffects(comparison: Comparison): Promise<Measured> {
  const { durability, rounds, effects, rawEffects = effects, inFlight = 1 } = comparison
  using folder = new ScratchFolder()
  await using our = new OurLedger(folder.file('ours.db'), durability)
  const database = openRaw(folder.file('raw.db'), durability)
  const raw = new RawEffects(database)
  const { combiner } = await our.connection()
  const medians = await mediansOf(rounds, {
    ours: (round) => our.round(`run-${round}`, effects, inFlight),
    raw: (round) => raw.round(Array.from({ length: rawEffects }, (_, n) => rawEffectOf(orderOf(`run-${round}-${n}`)))),
  })
  assertSamePragmas(SYNCHRONOUS[durability], (await our.connection()).database, database)
  database.close()
  const { batches, verbs } = combiner.counts
  return {
    ours: medians.ours,
    reference: medians.raw,
    value: medians.raw / medians.ours,
    counts: { rounds, effects, inFlight, verbsPerTransaction: verbs / batches },
  }
}
