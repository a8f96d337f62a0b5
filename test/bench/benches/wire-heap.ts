import assert from 'node:assert/strict'
import { createLedger, sqlite } from 'holdfast'
import type { Bench } from '../support/bench.ts'
import { openaiWire } from '../support/openai-wire.ts'
import { ScratchFolder } from '../support/scratch-folder.ts'
import { NOWHERE, streaming } from '../support/wire-sdk.ts'

const MEGABYTE = 2 ** 20
const BYTES = 100 * MEGABYTE
/** Looked at so many times on the way. */
const LOOKS = 10

/** What a guarded client keeps in memory of a stream of 100 MB while it is read, after a collection. */
export const bench: Bench = {
  unit: 'MB',
  better: 'lower',
  goal: 5,
  async run() {
    using folder = new ScratchFolder()
    await using ledger = createLedger({ store: sqlite(folder.file('ours.db')), durability: 'fast' })
    const [begun = '', ...rest] = openaiWire.events(1)
    // One and the same text for every chunk: what is left is what is kept of it.
    const word = begun.replace(' word0', 'word '.repeat(2_000))
    const count = Math.ceil(BYTES / word.length)
    const events = [...Array.from({ length: count }, () => word), ...rest]
    const read = (list: readonly string[]) => {
      const client = openaiWire.guarded({ baseURL: NOWHERE, fetch: streaming(list) }, ledger)
      return client.stream(openaiWire.request([{ role: 'user', content: 'Say many words.' }]))
    }
    for await (const _ of await read(events.slice(-1_000)));
    const stream = await read(events)
    const before = await memory()
    const most = { heapMb: 0, buffersMb: 0 }
    let seen = 0
    for await (const _ of stream) {
      if (++seen % Math.ceil(count / LOOKS) !== 0) continue
      const now = await memory()
      most.heapMb = Math.max(most.heapMb, now.heapMb - before.heapMb)
      most.buffersMb = Math.max(most.buffersMb, now.buffersMb - before.buffersMb)
    }
    return { ours: most.heapMb, reference: null, value: most.heapMb, counts: { chunks: seen, ...most } }
  },
}

/** When everything that can be collected is. */
async function memory(): Promise<{ readonly heapMb: number; readonly buffersMb: number }> {
  assert.ok(globalThis.gc, 'this benchmark needs --expose-gc')
  // Finalizers and what they hold on to go in later turns of the event loop.
  for (let turn = 0; turn < 4; turn++) {
    globalThis.gc()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return { heapMb: heapUsed / MEGABYTE, buffersMb: arrayBuffers / MEGABYTE }
}
