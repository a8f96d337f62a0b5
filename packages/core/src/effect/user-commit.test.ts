import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ConfigError } from '../errors/config-error.ts'
import { EffectUnknownError } from '../errors/effect-unknown-error.ts'
import { NotAppliedError } from '../errors/not-applied-error.ts'
import type { Ledger } from '../ledger.ts'
import { tool } from '../run/callable-tool.ts'
import { Story, temporaryFolder, temporaryLedger } from '../testing/story.ts'
import type { Transaction } from '../tool/tool-definition.ts'
import * as agents from './testing/committing-agents.ts'

const ID = { id: 'turn-1' }
const MODULE = new URL('./testing/committing-agents.ts', import.meta.url)

/** A shop that keeps its orders in the ledger's database, seen over a connection of its own. */
async function shop(folder: string = temporaryFolder()): Promise<{ ledger: Ledger; orders: () => unknown[] }> {
  const ledger = temporaryLedger({}, folder)
  await ledger.migrate()
  const database = new Database(join(folder, 'ledger.db'))
  onTestFinished(() => void database.close())
  database.exec('CREATE TABLE shop_order (item TEXT NOT NULL UNIQUE, charge TEXT)')
  const select = database.prepare('SELECT item, charge FROM shop_order').raw()
  return { ledger, orders: () => select.all() }
}

function insert(transaction: Transaction, item: string, charge: string | null): void {
  transaction.prepare('INSERT INTO shop_order VALUES (?, ?)').run(item, charge)
}

async function statuses(ledger: Ledger) {
  return (await ledger.effects.list()).map(({ status, generation }) => [generation, status])
}

describe("a tool's commit", () => {
  const buying = (fail?: () => void) => {
    const done: string[] = []
    const buy = tool({
      name: 'buy',
      execute: ({ item }: { item: string }) => {
        done.push(item)
        return `charge of ${item}`
      },
      commit: (transaction, charge, { item }) => {
        insert(transaction, item, charge)
        fail?.()
      },
    })
    return { buy, done }
  }

  test('writes its rows together with the effect, once', async () => {
    const { ledger, orders } = await shop()
    const { buy, done } = buying()
    await ledger.run(ID, async () => {
      await buy({ item: 'tea' })
      expect(orders()).toEqual([['tea', 'charge of tea']])
      await buy({ item: 'tea' })
    })
    expect([done, orders().length]).toEqual([['tea'], 1])
  })

  test('that throws rolls back its rows and the effect: the body ran, so nobody knows', async () => {
    const { ledger, orders } = await shop()
    const { buy } = buying(() => {
      throw new Error('no such customer')
    })
    const error = await ledger.run(ID, () => buy({ item: 'tea' })).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(EffectUnknownError)
    expect((error as Error).cause).toMatchObject({ message: expect.stringContaining('no such customer') })
    expect([orders(), await statuses(ledger)]).toEqual([[], [[1, 'unknown']]])
    expect((await ledger.verify()).ok).toBe(true)
  })

  test('that breaks a rule of the database rolls back as well', async () => {
    const { ledger, orders } = await shop()
    const buy = tool({
      name: 'buy',
      execute: (_: { attempt: number }) => 'charged',
      commit: (transaction) => insert(transaction, 'the same', null),
    })
    await ledger
      .run(ID, async () => {
        await buy({ attempt: 1 })
        await expect(buy({ attempt: 2 })).rejects.toThrow(EffectUnknownError)
      })
      .catch(() => undefined)
    expect(orders()).toEqual([['the same', null]])
  })

  test('that is async, or keeps its transaction, is refused', async () => {
    const { ledger, orders } = await shop()
    let kept: Transaction | undefined
    const late = tool({
      name: 'late',
      execute: () => 'charged',
      commit: (async (transaction: Transaction) => insert(transaction, 'tea', null)) as never,
    })
    const keeping = tool({
      name: 'keeping',
      execute: () => 'charged',
      commit: (transaction) => {
        kept = transaction
      },
    })
    await ledger.run({ id: 'late' }, () => late()).catch(() => undefined)
    expect(orders()).toEqual([])
    await ledger.run({ id: 'keeping' }, () => keeping())
    expect(() => kept?.prepare('SELECT 1')).toThrow(ConfigError)
  })
})

describe('a tool that is nothing but its commit', () => {
  test('happens if and only if it is committed: a throw is known to have had no effect', async () => {
    const { ledger, orders } = await shop()
    let isReady = false
    const order = tool({
      name: 'order',
      commit: (transaction, _, { item }: { item: string }) => {
        insert(transaction, item, null)
        if (!isReady) throw new Error('not yet')
      },
    })
    await ledger.run(ID, async () => {
      await expect(order({ item: 'tea' })).rejects.toThrow(NotAppliedError)
      isReady = true
      await order({ item: 'tea' })
      await order({ item: 'tea' })
    })
    expect(orders()).toEqual([['tea', null]])
    expect(await statuses(ledger)).toEqual(
      expect.arrayContaining([
        [1, 'failed'],
        [2, 'succeeded'],
      ]),
    )
  })

  test('is done again after a crash inside its transaction, without asking anybody', async () => {
    const story = new Story(MODULE, agents.orderInTransaction)
    const { orders } = await shop(story.folder)
    await story.killedAt('in the transaction')
    expect(orders()).toEqual([])
    await story.resumed()
    expect(orders()).toEqual([['tea', null]])
    expect(story.newActs).toEqual(['committing'])
  })
})
