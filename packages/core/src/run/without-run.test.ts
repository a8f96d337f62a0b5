import { afterEach, describe, expect, test, vi } from 'vitest'
import { NoRunError } from '../errors/no-run-error.ts'
import { defaultLedger, setDefaultLedger } from '../ledger.ts'
import { countedTool } from '../testing/counted-tool.ts'
import { temporaryFolder, temporaryLedger } from '../testing/story.ts'
import { currentRun } from './current-run.ts'

afterEach(() => setDefaultLedger(undefined))

describe('outside any run', () => {
  test('a tool does nothing and throws NoRunError, whether or not there is a default ledger', async () => {
    const charge = countedTool('charge')
    await expect(charge({ note: 'tea' })).rejects.toThrow(NoRunError)
    setDefaultLedger(temporaryLedger())
    await expect(charge({ note: 'tea' })).rejects.toThrow(NoRunError)
    expect(charge.done).toEqual([])
  })

  test("a tool runs unprotected under onNoRun: 'pass', which is told", async () => {
    const ledger = temporaryLedger({ onNoRun: 'pass' })
    setDefaultLedger(ledger)
    const told = vi.fn()
    ledger.on('unprotected', told)
    const charge = countedTool('charge')
    expect([await charge({ note: 'tea' }), await charge({ note: 'tea' })]).toEqual(['charge of tea', 'charge of tea'])
    expect([charge.done, told.mock.calls.length]).toEqual([['tea', 'tea'], 2])
    expect(await ledger.effects.list()).toEqual([])
  })

  test("a tool with a commit is refused even under onNoRun: 'pass', because its rows would be lost", async () => {
    setDefaultLedger(temporaryLedger({ onNoRun: 'pass' }))
    const charge = countedTool('charge', { commit: () => undefined })
    await expect(charge({ note: 'tea' })).rejects.toThrow(NoRunError)
    expect(charge.done).toEqual([])
  })

  test('a tool that is once per ledger has its key all the same, and runs in a run of its own', async () => {
    const ledger = temporaryLedger()
    setDefaultLedger(ledger)
    const refund = countedTool('refund', { once: 'ledger', keys: ['note'] })
    expect([await refund({ note: 'order 42' }), await refund({ note: 'order 42' })]).toEqual([
      'refund of order 42',
      'refund of order 42',
    ])
    expect(refund.done).toEqual(['order 42'])
    expect((await ledger.runs.list()).map(({ name, status }) => [name, status])).toEqual([
      ['refund', 'completed'],
      ['refund', 'completed'],
    ])
  })

  test('currentRun throws', () => {
    expect(() => currentRun()).toThrow(NoRunError)
  })

  test('defaultLedger is the one that was set, else one made from the environment', () => {
    const ledger = temporaryLedger()
    setDefaultLedger(ledger)
    expect(defaultLedger()).toBe(ledger)
    setDefaultLedger(undefined)
    const path = `${temporaryFolder()}/from-the-environment.db`
    vi.stubEnv('HOLDFAST_DB_URL', `sqlite:${path}`)
    try {
      expect(defaultLedger().location).toBe(path)
      expect(defaultLedger()).toBe(defaultLedger())
    } finally {
      vi.unstubAllEnvs()
    }
  })
})
