import { type AnyTool, createLedger, type Ledger, sqlite, systemClock, tool } from 'holdfast'
import type { Connection } from '../../../packages/core/dist/store/sqlite/connection.js'
import { acquireConnection } from '../../../packages/core/dist/store/sqlite/registry.js'
import { type Order, orderOf, receiptOf } from './payload.ts'
import { timed } from './rounds.ts'

/** The tool that is measured: its body does next to nothing. */
export const charge = tool({ name: 'charge-card', execute: async (order: Order) => receiptOf(order) })

/** A ledger on a file, with the connection that it uses. */
export class OurLedger implements AsyncDisposable {
  readonly ledger: Ledger
  readonly #path: string

  constructor(path: string, durability: 'fast' | 'full', tools: readonly AnyTool[] = []) {
    this.#path = path
    this.ledger = createLedger({ store: sqlite(path), durability, tools })
  }

  /** What the ledger itself uses: connections are shared by path within a process. */
  async connection(): Promise<Connection> {
    await this.ledger.runs.list({ limit: 1 })
    const settings = {
      clock: systemClock,
      durability: 'fast',
      migrate: 'off',
      random: () => 0.5,
      retries: { attempts: 0, initialMs: 0 },
      warn: () => {},
    } as const
    const { connection, release } = acquireConnection(this.#path, Symbol(), 0, settings)
    await release()
    return connection
  }

  /** A round of effects in a run of their own, `inFlight` at a time: microseconds per effect. */
  round(runId: string, effects: number, inFlight = 1): Promise<number> {
    return this.ledger.run({ id: runId }, () => {
      const orders = Array.from({ length: effects }, (_, index) => orderOf(`${runId}-${index}`))
      return timed(effects, () => (inFlight === 1 ? oneByOne(orders) : together(orders, inFlight)))
    })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.ledger.close()
  }
}

async function oneByOne(orders: readonly Order[]): Promise<void> {
  for (const order of orders) await charge(order)
}

async function together(orders: readonly Order[], inFlight: number): Promise<void> {
  const queue = orders.values()
  const worker = async () => {
    for (const order of queue) await charge(order)
  }
  await Promise.all(Array.from({ length: inFlight }, worker))
}
