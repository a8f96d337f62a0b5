import { type Checkpoint, type CheckpointMetadata, uuid6 } from '@langchain/langgraph-checkpoint'
import { SqliteSaver } from '@langchain/langgraph-checkpoint-sqlite'
import type Database from 'better-sqlite3'
import { type Order, receiptOf } from './payload.ts'
import { timed } from './rounds.ts'

interface Step {
  readonly checkpoint: Checkpoint
  readonly metadata: CheckpointMetadata
  readonly writes: [channel: string, value: unknown][]
  readonly taskId: string
}

/** What a graph of one node with the same work stores: its state before the node, then what the node wrote. */
export class LangGraphSaver {
  readonly #saver: SqliteSaver

  /** The saver gets our connection, and so the settings that both sides share. */
  constructor(database: Database.Database) {
    this.#saver = new SqliteSaver(database as unknown as SqliteSaver['db'])
  }

  /** A round of steps of one thread: microseconds per step. */
  round(threadId: string, orders: readonly Order[]): Promise<number> {
    const steps = orders.map(stepOf)
    return timed(steps.length, async () => {
      let config = { configurable: { thread_id: threadId, checkpoint_ns: '' } }
      for (const { checkpoint, metadata, writes, taskId } of steps) {
        config = (await this.#saver.put(config, checkpoint, metadata)) as typeof config
        await this.#saver.putWrites(config, writes, taskId)
      }
    })
  }
}

function stepOf(order: Order, index: number): Step {
  return {
    checkpoint: {
      v: 4,
      id: uuid6(index),
      ts: '2026-11-20T12:00:00.000Z',
      channel_values: { order, 'branch:to:charge': null },
      channel_versions: { __start__: 2, order: 2, 'branch:to:charge': 2 },
      versions_seen: { __input__: {}, __start__: { __start__: 1 } },
    },
    metadata: { source: 'loop', step: index, parents: {} },
    writes: [['receipt', receiptOf(order)]],
    taskId: uuid6(index),
  }
}
