import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
import type { Bench } from '../support/bench.ts'
import { charge, OurLedger } from '../support/our-ledger.ts'
import { orderOf } from '../support/payload.ts'
import { ScratchFolder } from '../support/scratch-folder.ts'

const HOLD_MS = 5_000
const WAITING = 8
const NANOSECONDS = 1e6

/** The longest stall of the event loop while effects wait for another process's write lock; the reference is without. */
export const bench: Bench = {
  unit: 'ms',
  better: 'lower',
  goal: 50,
  async run() {
    using folder = new ScratchFolder()
    const path = folder.file('ours.db')
    await using our = new OurLedger(path, 'fast')
    return await our.ledger.run({ id: 'waits' }, async () => {
      await performAll('warm-up')
      const reference = await longestStall(() => setTimeout(HOLD_MS))
      const holder = await lockElsewhere(path)
      const started = performance.now()
      const ours = await longestStall(() => performAll('locked'))
      const waitedMs = performance.now() - started
      await holder.ended
      // They must have waited for the lock, and have succeeded after it.
      const sound = waitedMs > HOLD_MS / 2 && (await our.ledger.effects.list({ runId: 'waits' })).length === 2 * WAITING
      return { ours, reference, value: ours, counts: { holdMs: HOLD_MS, waiting: WAITING, waitedMs }, sound }
    })
  },
}

function performAll(prefix: string): Promise<unknown> {
  return Promise.all(Array.from({ length: WAITING }, (_, n) => charge(orderOf(`${prefix}-${n}`))))
}

/** In milliseconds. */
async function longestStall(work: () => Promise<unknown>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  await work()
  delay.disable()
  return delay.max / NANOSECONDS
}

/** Resolves when another process has the lock; what it resolves to ends when that process has. */
async function lockElsewhere(path: string): Promise<{ readonly ended: Promise<unknown> }> {
  const child = fork(join(import.meta.dirname, '..', 'support', 'lock-holder.ts'), [path, String(HOLD_MS)], {
    execArgv: [],
  })
  const ended = once(child, 'exit')
  await once(child, 'message')
  return { ended }
}
