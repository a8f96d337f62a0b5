import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import type { LedgerOptions } from '../config/ledger-options.ts'
import { ApprovalRequiredError } from '../errors/approval-required-error.ts'
import { ConfigError } from '../errors/config-error.ts'
import { NoRunError } from '../errors/no-run-error.ts'
import { StoreUnavailableError } from '../errors/store-unavailable-error.ts'
import { setDefaultLedger } from '../ledger.ts'
import { sqlite } from '../store/sqlite/sqlite.ts'
import { countedTool } from '../testing/counted-tool.ts'
import { temporaryFolder, temporaryLedger } from '../testing/story.ts'

const ID = { id: 'turn-1' }
const TEA = { note: 'tea' }
const LOOSE = { onOutage: 'allow' } as const

/** What can make a human be asked, and what it needs for that. */
const WAYS = [
  ['the tool', { approval: true }, {}, {}],
  [
    'a policy that throws',
    {
      approval: () => {
        throw new Error('down')
      },
    },
    {},
    {},
  ],
  ['the call', {}, { approval: true }, {}],
  ['the ledger', {}, {}, { irreversible: 'approve' }],
] as const

afterEach(() => setDefaultLedger(undefined))

/** A ledger whose file another connection can lock, so that no write gets through. */
async function lockable(options: LedgerOptions) {
  const path = join(temporaryFolder(), 'ledger.db')
  const ledger = temporaryLedger({ store: sqlite(path, { busyMs: 30 }), ...LOOSE, ...options })
  await ledger.migrate()
  const database = new Database(path)
  onTestFinished(() => void database.close())
  return { ledger, lock: () => void database.exec('BEGIN IMMEDIATE'), unlock: () => void database.exec('ROLLBACK') }
}

describe.each(WAYS)('what %s wants an approval for executes on no way without one:', (_, policy, options, settings) => {
  test('performed, called, or begun by hand in a run', async () => {
    const ledger = temporaryLedger(settings)
    const charge = countedTool('charge', policy)
    await expect(ledger.run(ID, () => charge(TEA, options))).rejects.toThrow(ApprovalRequiredError)
    await expect(ledger.run(ID, (run) => run.perform(charge, TEA, options))).rejects.toThrow(ApprovalRequiredError)
    await ledger.run(ID, async (run) => {
      await using claim = await run.begin(charge, TEA, options)
      expect(claim.kind).toBe('awaiting_approval')
    })
    expect(charge.done).toEqual([])
  })

  test('joined to one of the same in flight', async () => {
    const ledger = temporaryLedger(settings)
    const charge = countedTool('charge', policy)
    const both = () => Promise.allSettled([charge(TEA, options), charge(TEA, options)])
    await expect(ledger.run(ID, both)).rejects.toThrow(ApprovalRequiredError)
    expect(charge.done).toEqual([])
  })

  test("with the store out of reach, although tool and ledger say onOutage: 'allow'", async () => {
    const { ledger, lock, unlock } = await lockable(settings)
    const charge = countedTool('charge', { ...policy, ...LOOSE })
    const ended = ledger.run(ID, async () => {
      lock()
      await charge(TEA, options).catch(() => undefined)
      unlock()
    })
    await expect(ended).rejects.toThrow(StoreUnavailableError)
    expect(charge.done).toEqual([])
  })

  test('in a run that began while the store was out of reach', async () => {
    const { ledger, lock, unlock } = await lockable(settings)
    const charge = countedTool('charge', { ...policy, ...LOOSE })
    lock()
    const said = await ledger.run(ID, () => charge(TEA, options).catch((error: unknown) => error))
    unlock()
    expect(said).toBeInstanceOf(StoreUnavailableError)
    expect(charge.done).toEqual([])
  })

  test("outside any run, under onNoRun: 'pass'", async () => {
    setDefaultLedger(temporaryLedger({ ...settings, onNoRun: 'pass' }))
    const charge = countedTool('charge', policy)
    await expect(charge(TEA, options)).rejects.toThrow(NoRunError)
    expect(charge.done).toEqual([])
  })

  test("outside any run, with once: 'ledger'", async () => {
    setDefaultLedger(temporaryLedger(settings))
    const charge = countedTool('charge', { ...policy, once: 'ledger', keys: ['note'] })
    await expect(charge(TEA, options)).rejects.toThrow(ApprovalRequiredError)
    expect(charge.done).toEqual([])
  })

  test('by an outcome that another process reports', async () => {
    const ledger = temporaryLedger(settings)
    const charge = countedTool('charge', policy)
    await ledger.run(ID, () => charge(TEA, options)).catch(() => undefined)
    const [effect] = await ledger.effects.list()
    const { key = '', epoch = 0 } = effect ?? {}
    expect(await ledger.effects.commit(key, epoch, { outcome: 'succeeded', result: 'x' })).toEqual({ kind: 'lost' })
    await expect(ledger.effects.resolve(key, { outcome: 'applied', result: 'x' })).rejects.toThrow(ConfigError)
    expect(await ledger.effects.list()).toMatchObject([{ status: 'requires_approval' }])
  })
})

describe("a ledger with irreversible: 'refuse'", () => {
  test('runs no write without a compensation, and writes nothing of it', async () => {
    const ledger = temporaryLedger({ irreversible: 'refuse' })
    const [charge, look] = [countedTool('charge'), countedTool('look', { effect: 'read' })]
    const refund = countedTool('refund', { compensate: () => undefined })
    await ledger.run(ID, async (run) => {
      await expect(charge(TEA)).rejects.toThrow(ConfigError)
      await expect(run.begin(charge, TEA)).rejects.toThrow("irreversible: 'refuse'")
      expect(await look(TEA)).toBe('look of tea')
      expect(await refund(TEA)).toBe('refund of tea')
    })
    expect(charge.done).toEqual([])
    expect((await ledger.effects.list()).map(({ tool }) => tool)).toEqual(['refund'])
  })

  test('counts what happens inside a body whose compensation covers it as reversible', async () => {
    const ledger = temporaryLedger({ irreversible: 'refuse' })
    const inner = countedTool('inner')
    const { tool } = await import('../run/callable-tool.ts')
    const covering = (covers: { covers: 'inner' } | undefined) =>
      tool({ name: 'outer', compensate: () => undefined, ...covers, execute: (_: typeof TEA) => inner(TEA) })
    expect(await ledger.run(ID, () => covering({ covers: 'inner' })(TEA))).toBe('inner of tea')
    const child = () => ledger.run({ name: 'child' }, () => inner({ note: 'milk' }))
    const outer = tool({ name: 'outer', compensate: () => undefined, covers: 'inner', execute: child })
    expect(await ledger.run({ id: 'turn-2' }, () => outer())).toBe('inner of milk')
    await expect(ledger.run({ id: 'turn-3' }, () => covering(undefined)(TEA))).rejects.toThrow(ConfigError)
  })
})
