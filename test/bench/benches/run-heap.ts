import assert from 'node:assert/strict'
import type { Bench } from '../support/bench.ts'
import { charge, OurLedger } from '../support/our-ledger.ts'
import { orderOf } from '../support/payload.ts'
import { ScratchFolder } from '../support/scratch-folder.ts'

const EFFECTS = 100_000
const WARM_UP = 2_000
const MEGABYTE = 2 ** 20

/** What a run keeps in memory of 100,000 effects: first as they happen, then as they are asked for again. */
export const bench: Bench = {
  unit: 'MB',
  better: 'lower',
  goal: 2,
  async run() {
    using folder = new ScratchFolder()
    await using our = new OurLedger(folder.file('ours.db'), 'fast')
    // Awaited here: the ledger is closed when this function returns.
    return await our.ledger.run({ id: 'heap' }, async () => {
      await performAll('warm-up', WARM_UP)
      await performAll('warm-up', WARM_UP)
      const before = await heapUsed()
      await performAll('effect', EFFECTS)
      const misses = (await heapUsed()) - before
      await performAll('effect', EFFECTS)
      const hits = (await heapUsed()) - before - misses
      const grown = Math.max(misses, hits, misses + hits)
      return {
        ours: grown,
        reference: null,
        value: grown,
        counts: { effects: EFFECTS, missesMb: misses, hitsMb: hits },
      }
    })
  },
}

async function performAll(prefix: string, effects: number): Promise<void> {
  for (let n = 0; n < effects; n++) await charge(orderOf(`${prefix}-${n}`))
}

/** In megabytes, when everything that can be collected is. */
async function heapUsed(): Promise<number> {
  assert.ok(globalThis.gc, 'this benchmark needs --expose-gc')
  // Finalizers and what they hold on to go in later turns of the event loop.
  for (let turn = 0; turn < 4; turn++) {
    globalThis.gc()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return process.memoryUsage().heapUsed / MEGABYTE
}
