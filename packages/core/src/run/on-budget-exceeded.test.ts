import { describe, expect, test } from 'vitest'
import { LimitExceededError } from '../errors/limit-exceeded-error.ts'
import { Deeds } from '../testing/deeds.ts'
import { temporaryLedger } from '../testing/story.ts'
import type { Run } from './run.ts'
import type { RunOptions } from './run-options.ts'

/** What is undone of a run that does one effect, and then one too many. */
async function undoneBy(options: RunOptions, agent?: (run: Run, book: () => Promise<string>) => Promise<unknown>) {
  const deeds = new Deeds()
  const step = deeds.step('book')
  const ledger = temporaryLedger()
  let notes = 0
  const book = () => step({ note: `${++notes}` })
  const tooMuch = async () => {
    await book()
    await book()
  }
  const run = ledger.run({ id: 'r', limits: { effects: 1 }, ...options }, (run) => agent?.(run, book) ?? tooMuch())
  const error = await run.catch((thrown: unknown) => thrown)
  return { undone: deeds.undone, error, status: (await ledger.runs.get('r'))?.status, ledger, deeds, step }
}

describe('a run that a limit has stopped', () => {
  test('is undone, unless it is to be kept', async () => {
    expect(await undoneBy({})).toMatchObject({ undone: ['book 1'], status: 'compensated' })
    expect(await undoneBy({ onBudgetExceeded: 'keep' })).toMatchObject({ undone: [], status: 'failed' })
  })

  test('is treated like any other failure where nothing is said', async () => {
    expect((await undoneBy({ onError: 'keep' })).undone).toEqual([])
    expect((await undoneBy({ thread: 't' })).undone).toEqual([])
    expect((await undoneBy({ thread: 't', onBudgetExceeded: 'compensate' })).undone).toEqual(['book 1'])
    expect((await undoneBy({ onError: 'keep', onBudgetExceeded: 'compensate' })).undone).toEqual(['book 1'])
  })

  test('is undone or kept also where its agent has swallowed the error, and throws it all the same', async () => {
    const swallowing = async (_: Run, book: () => Promise<string>) => {
      await book()
      await book().catch(() => 'never mind')
      return 'done'
    }
    const kept = await undoneBy({ onBudgetExceeded: 'keep' }, swallowing)
    expect(kept).toMatchObject({ undone: [], status: 'failed' })
    expect(LimitExceededError.isInstance(kept.error)).toBe(true)
    expect((await undoneBy({}, swallowing)).undone).toEqual(['book 1'])
  })

  test('is undone or kept also where a framework has wrapped the error', async () => {
    const wrapping = async (_: Run, book: () => Promise<string>) => {
      await book()
      await book().catch((cause: unknown) => Promise.reject(new Error('agent failed', { cause })))
    }
    expect((await undoneBy({ onBudgetExceeded: 'keep' }, wrapping)).undone).toEqual([])
  })

  test('and one that failed of something else are two cases', async () => {
    const failing = async (_: Run, book: () => Promise<string>) => {
      await book()
      throw new Error('no courier')
    }
    expect((await undoneBy({ onBudgetExceeded: 'keep' }, failing)).undone).toEqual(['book 1'])
    const kept = await undoneBy({ onError: 'keep', onBudgetExceeded: 'compensate' }, failing)
    expect(kept.undone).toEqual([])
  })

  test('keeps to what an earlier opening of it said', async () => {
    const { ledger, deeds, step } = await undoneBy({ onBudgetExceeded: 'keep' })
    const again = ledger.run({ id: 'r', retry: true }, () => step({ note: '3' }))
    await expect(again).rejects.toBeInstanceOf(LimitExceededError)
    expect(deeds.log).toEqual(['book 1'])
  })

  test('throws the same error to whoever asks for it again, in another process too', async () => {
    const { ledger } = await undoneBy({ onBudgetExceeded: 'keep' })
    const again = await ledger.run({ id: 'r' }, () => 1).catch((error: unknown) => error)
    const found = LimitExceededError.find(again)
    expect(found).toMatchObject({ what: 'effects', scope: 'run:r', limit: 1, spent: 1, status: 402 })
  })
})

describe('what was said of loops', () => {
  const stuck = async (options: RunOptions, first: RunOptions = {}) => {
    const ledger = temporaryLedger({ limits: { loop: { repeats: 2 } } })
    const step = new Deeds().step('look')
    const agent = async (run: Run) => {
      for (let turn = 0; turn < 9; turn++) await step({ note: 'same' })
      return run.id
    }
    await ledger.run({ id: 'r', onError: 'keep', ...first }, () => Promise.reject(new Error('once'))).catch(() => 1)
    return ledger.run({ id: 'r', retry: true, ...options }, agent).catch((error: { code: string }) => error.code)
  }

  test('in a run goes before what the ledger says, and is kept with it', async () => {
    expect(await stuck({})).toBe('loop-detected')
    expect(await stuck({ limits: { loop: false } })).toBe('r')
    expect(await stuck({}, { limits: { loop: false } })).toBe('r')
    expect(await stuck({}, { limits: { loop: { repeats: 20 } } })).toBe('r')
  })

  test('counts for the runs below it', async () => {
    const ledger = temporaryLedger()
    const step = new Deeds().step('look')
    const child = () =>
      ledger.run({ name: 'child' }, async () => {
        for (let turn = 0; turn < 9; turn++) await step({ note: 'same' })
        return 'looked'
      })
    expect(await ledger.run({ limits: { loop: false } }, child)).toBe('looked')
    await expect(ledger.run({}, child)).rejects.toMatchObject({ code: 'loop-detected' })
  })
})
