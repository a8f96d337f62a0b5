import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLedger, type Ledger, memory, sqlite, tool } from 'holdfast'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Answer, Job } from './support/job.ts'
import { type Racer, race, startProcess, startThread } from './support/race.ts'

const KEYS = 400
let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-race-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

describe('the same 400 keys', () => {
  test.each([
    ['8 processes', 8, startProcess],
    ['4 worker threads', 4, startThread],
  ] as const)(
    'are executed once each by %s, and everyone gets the same results',
    async (_, count, start) => {
      const racers = Array.from({ length: count }, (_, index) => start(job('same-keys', ordersOf(index))))
      await race(racers)
      const answers = await Promise.all(racers.map(finalAnswer))
      for (const answer of answers) expect(answer).toEqual(answers[0])
      const { results } = answers[0] as Extract<Answer, { kind: 'results' }>
      expect(results).toHaveLength(KEYS)
      expect(results.every((result, order) => (result as { order: number }).order === order)).toBe(true)
      const executed = linesOf('log').map(Number)
      expect(executed).toHaveLength(KEYS)
      expect(new Set(executed).size).toBe(KEYS)
      const executors = new Set(results.map((result) => (result as { by: string }).by))
      expect(executors.size, 'a race needs more than one who runs').toBeGreaterThan(1)
      await expectSound()
    },
    120_000,
  )
})

test('50 concurrent callers of one key in one process share one execution', async () => {
  const ledger = createLedger({ store: memory() })
  let executions = 0
  const charge = tool({
    name: 'charge',
    execute: async ({ cents }: { cents: number }) => {
      const number = ++executions
      await new Promise<void>((resolve) => setImmediate(resolve))
      return { number, cents, at: new Date(0) }
    },
  })
  const results = await ledger.run({ id: 'order' }, () =>
    Promise.all(Array.from({ length: 50 }, () => charge({ cents: 5 }))),
  )
  expect(executions).toBe(1)
  expect(results).toEqual(Array.from({ length: 50 }, () => ({ number: 1, cents: 5, at: new Date(0) })))
  // Nobody can change what another caller got.
  expect(new Set(results).size).toBe(50)
  await ledger.close()
})

test('of two processes that open one run at once, one runs and the other gets RunInProgressError', async () => {
  const racers = [startProcess(job('one-run')), startProcess(job('one-run'))]
  await race(racers)
  const firsts = await Promise.all(racers.map((one) => one.answer()))
  expect(firsts.map(({ kind }) => kind).sort()).toEqual(['in-progress', 'inside'])
  const winner = racers[firsts.findIndex(({ kind }) => kind === 'inside')] as Racer
  winner.tell('finish')
  const { output } = (await winner.answer()) as Extract<Answer, { kind: 'output' }>
  expect(linesOf('log')).toEqual([output])
  await Promise.all(racers.map((one) => one.ended()))
  // Asked again it answers from the record.
  const ledger = open()
  expect(await ledger.run({ id: 'one' }, () => 'somebody else')).toBe(output)
  await ledger.close()
  await expectSound()
})

test('four processes that migrate one fresh file at once all find it ready', async () => {
  const racers = Array.from({ length: 4 }, () => startProcess(job('migrate')))
  await race(racers)
  expect(await Promise.all(racers.map(finalAnswer))).toEqual(racers.map(() => ({ kind: 'migrated' })))
  const ledger = open()
  expect(await ledger.runs.list()).toHaveLength(racers.length)
  await ledger.close()
  await expectSound()
})

function job(kind: Job['kind'], orders: readonly number[] = []): Job {
  return { kind, path: join(directory, 'ledger.db'), log: join(directory, 'log'), orders }
}

/** Half of them from one end and half from the other, each from a place of its own, so that all meet everywhere. */
function ordersOf(racer: number): readonly number[] {
  const orders = Array.from({ length: KEYS }, (_, index) => (index + racer * 13) % KEYS)
  return racer % 2 === 0 ? orders : orders.reverse()
}

async function finalAnswer(racer: Racer): Promise<Answer> {
  const answer = await racer.answer()
  await racer.ended()
  return answer
}

function linesOf(name: string): string[] {
  return readFileSync(join(directory, name), 'utf8').trim().split('\n')
}

function open(): Ledger {
  return createLedger({ store: sqlite(join(directory, 'ledger.db')) })
}

async function expectSound(): Promise<void> {
  const ledger = open()
  expect(await ledger.verify()).toMatchObject({ problems: [] })
  await ledger.close()
}
