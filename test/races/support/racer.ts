import { appendFileSync } from 'node:fs'
import { parentPort, threadId, workerData } from 'node:worker_threads'
import { createLedger, type Ledger, RunInProgressError, sqlite, tool } from 'holdfast'
import type { Answer, Job } from './job.ts'

const job: Job = parentPort === null ? JSON.parse(process.argv[2] as string) : workerData
const me = `${process.pid}.${threadId}`

/** In a process the parent is at the other end of the IPC channel, in a thread of the message port. */
const inbox = parentPort ?? process

function tell(answer: Answer): void {
  if (parentPort === null) process.send?.(answer)
  else parentPort.postMessage(answer)
}

function heard(word: string): Promise<void> {
  return new Promise((resolve) => {
    const listen = (message: unknown) => {
      if (message !== word) return
      inbox.off('message', listen)
      resolve()
    }
    inbox.on('message', listen)
  })
}

/** One line for each time that a body runs; a short append is one write, whoever else appends. */
function log(line: string): void {
  appendFileSync(job.log, `${line}\n`)
}

const work: Record<Job['kind'], (ledger: Ledger) => Promise<Answer>> = {
  async 'same-keys'(ledger) {
    const charge = tool({
      name: 'charge',
      execute: async ({ order }: { order: number }, { idempotencyKey }) => {
        log(String(order))
        await new Promise<void>((resolve) => setImmediate(resolve))
        return { order, idempotencyKey, by: me }
      },
    })
    await using run = await ledger.open({ id: 'shared', shared: true })
    const results: unknown[] = []
    const queue = [...job.orders]
    const strand = async () => {
      for (let order = queue.pop(); order !== undefined; order = queue.pop())
        results[order] = await run.perform(charge, { order })
    }
    await Promise.all(Array.from({ length: 8 }, strand))
    return { kind: 'results', results }
  },

  async 'one-run'(ledger) {
    try {
      const output = await ledger.run({ id: 'one' }, async () => {
        log(me)
        tell({ kind: 'inside' })
        await heard('finish')
        return me
      })
      return { kind: 'output', output }
    } catch (error) {
      if (!RunInProgressError.isInstance(error)) throw error
      return { kind: 'in-progress', runId: error.runId }
    }
  },

  async migrate(ledger) {
    await ledger.migrate()
    await ledger.run({ id: `run of ${me}` }, () => undefined)
    return { kind: 'migrated' }
  },
}

const ledger = createLedger({ store: sqlite(job.path), durability: 'fast' })
const go = heard('go')
tell({ kind: 'ready' })
await go
tell(await work[job.kind](ledger).catch((error: unknown): Answer => ({ kind: 'failed', error: String(error) })))
await ledger.close()
// Nothing else keeps it alive.
if (parentPort === null) process.disconnect()
else parentPort.close()
