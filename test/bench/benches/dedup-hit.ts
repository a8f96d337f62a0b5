import assert from 'node:assert/strict'
import type { Bench, Measured } from '../support/bench.ts'
import { charge, OurLedger } from '../support/our-ledger.ts'
import { type Order, orderOf, rawKey } from '../support/payload.ts'
import { assertSamePragmas, SYNCHRONOUS } from '../support/pragmas.ts'
import { openRaw } from '../support/raw-database.ts'
import { RawEffects, rawEffectOf } from '../support/raw-effects.ts'
import { mediansOf, timed } from '../support/rounds.ts'
import { ScratchFolder } from '../support/scratch-folder.ts'

const KEYS = 50_000
const ROUNDS = 15
const HITS = 2_000
/** Shares no divisor with the number of keys, so that hits are spread and none comes twice. */
const STRIDE = 7_919

/** An effect that has happened, asked for again, against a select by key. */
export const bench: Bench = {
  unit: 'us/hit',
  better: 'higher',
  goal: 0.25,
  async run() {
    using folder = new ScratchFolder()
    await using our = new OurLedger(folder.file('ours.db'), 'fast')
    const database = openRaw(folder.file('raw.db'), 'fast')
    const raw = new RawEffects(database)
    for (let n = 0; n < KEYS; n++) raw.write(rawEffectOf(stored(n)))
    const measured = await our.ledger.run({ id: 'hits' }, () => compareHits(our, raw))
    assertSamePragmas(SYNCHRONOUS.fast, (await our.connection()).database, database)
    database.close()
    return measured
  },
}

async function compareHits(our: OurLedger, raw: RawEffects): Promise<Measured> {
  for (let n = 0; n < KEYS; n++) await charge(stored(n))
  const { database } = await our.connection()
  const answers = () => database.prepare<{ n: number }>('SELECT count(*) AS n FROM answer').get()?.n ?? 0
  const medians = await mediansOf(ROUNDS, {
    ours: async (round) => {
      const orders = spread(round).map(stored)
      const before = answers()
      const figure = await timed(HITS, () => hitAll(orders, round))
      assert.equal(answers() - before, HITS, 'every hit must have left its answer row before the clock stopped')
      return figure
    },
    raw: async (round) => {
      const keys = spread(round).map((n) => rawKey(stored(n).orderId))
      return timed(HITS, () => {
        for (const key of keys) assert.ok(raw.find(key))
      })
    },
  })
  const { ours, raw: reference } = medians
  return { ours, reference, value: reference / ours, counts: { keys: KEYS, rounds: ROUNDS, hits: HITS } }
}

async function hitAll(orders: readonly Order[], round: number): Promise<void> {
  for (const order of orders) await charge(order)
  // One new effect at the end: its claim is queued behind all answer rows, so that they are stored when it is.
  await charge(orderOf(`flush-${round}`))
}

function stored(n: number): Order {
  return orderOf(`stored-${n}`)
}

function spread(round: number): number[] {
  return Array.from({ length: HITS }, (_, n) => ((round * HITS + n) * STRIDE) % KEYS)
}
