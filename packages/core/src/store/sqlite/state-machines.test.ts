import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { LedgerFile, ModelTime } from './testing/ledger-file.ts'
import { LedgerGame } from './testing/ledger-game.ts'
import { APPROVAL_STEPS, RUN_STEPS, SAGA_STEPS, type Step, stepsOf } from './testing/ledger-steps.ts'

/** A soak names a number for all, and plays other games each time. */
const SOAK_RUNS = fc.readConfigureGlobal().numRuns
const LIMIT_MS = SOAK_RUNS === undefined ? 400_000 : 3_600_000

const directory = mkdtempSync(join(tmpdir(), 'holdfast-model-'))
const time = new ModelTime()
let file: LedgerFile | undefined
let games = 0

afterAll(async () => {
  await file?.close()
  rmSync(directory, { recursive: true, force: true })
})

const RULES = 'of several owners go the way the design says, whatever comes in whatever order'

test(`runs and effects ${RULES}`, () => play(RUN_STEPS, 600, RUN_ANSWERS), LIMIT_MS)
test(`approvals ${RULES}`, () => play(APPROVAL_STEPS, 600, APPROVAL_ANSWERS), LIMIT_MS)
test(`compensations ${RULES}`, () => play(SAGA_STEPS, 2_000, SAGA_ANSWERS), LIMIT_MS)

async function play(steps: fc.Arbitrary<Step>, runs: number, answers: readonly string[]): Promise<void> {
  const seen = new Set<string>()
  const property = fc.asyncProperty(stepsOf(steps), async (some) => {
    const game = await newGame()
    await game.play(some)
    for (const answer of game.seen) seen.add(answer)
  })
  await fc.assert(property, SOAK_RUNS === undefined ? { numRuns: runs, seed: 20_261_120 } : { numRuns: SOAK_RUNS })
  expect([...seen]).toEqual(expect.arrayContaining([...answers]))
}

async function newGame(): Promise<LedgerGame> {
  file ??= await LedgerFile.open(join(directory, 'ledgers.db'), time)
  file.clear()
  return new LedgerGame(file, time, `ledger ${games++}`)
}

// Answers without which what was played would prove little.
const RUN_ANSWERS = [
  ...['open: opened: resumed', 'open: opened: retried', 'open: running', 'open: ended', 'open-child: opened: resumed'],
  ...['open-child: opened: retried', 'open-child: refused: fenced', 'open-child: running', 'open-child: ended'],
  ...['claim: claimed: 1.1, epoch 1', 'claim: claimed: 1.2, epoch 2', 'claim: claimed: 2.1, epoch 2', 'claim: busy'],
  ...['claim: settled', 'claim: unknown', 'claim: refused: fenced', 'claim: refused: closed', 'claim: refused: halted'],
  ...['claim: conflict', 'claim: settled: other arguments', 'commit: committed', 'commit: evidence', 'commit: lost'],
  ...['resolve: claimed: 1.2, epoch 3', 'resolve: resolved', 'resolve: lost', 'resolve: refused: fenced'],
  ...['close: closed: completed', 'close: closed: running', 'close: closed: waiting', 'close: refused: fenced'],
  ...['cancel: canceled', 'cancel: ended', 'halt: halted', 'die: died', 'sweep: running, 1 expired, 1 unknown'],
  ...['sweep: canceled, 1 expired, 1 unknown', 'sweep: completed, 0 expired, 1 unknown'],
]
const APPROVAL_ANSWERS = [
  ...['claim: awaiting_approval', 'claim: denied', 'claim: conflict', 'claim: claimed: 1.1, epoch 2'],
  ...['claim: claimed: 1.1, epoch 2, edited: "edited"', 'claim: claimed: 2.1, epoch 3', 'claim: claimed: 1.2, epoch 2'],
  ...['resolve: awaiting_approval', 'resolve: denied', 'resolve: claimed: 1.2, epoch 3, edited: "edited"'],
  ...['decide: decided: approved', 'decide: decided: denied', 'decide: decided: canceled', 'decide: lost: expired'],
  ...['decide: lost: approved', 'decide: lost: denied', 'decide: lost: canceled', 'decide: missing'],
  ...['request: requested', 'request: lost', 'close: closed: compensating', 'open-undo: compensating'],
  'sweep: waiting, 0 expired, 0 unknown',
]
const SAGA_ANSWERS = [
  ...['close: closed: compensating', 'close: closed: failed', 'open-undo: compensating', 'open-undo: running'],
  ...['open-undo: nothing', 'open-undo: missing', 'undo-next: claimed: one/own 1, attempt 1, epoch 2'],
  ...['undo-next: claimed: child/outer 1, attempt 1, epoch 2', 'undo-next: claimed: leaf/own 1, attempt 2, epoch 3'],
  ...['undo-next: claimed: scope 1, attempt 1, epoch 2', 'undo-next: claimed: one/own 2, attempt 1, epoch 3'],
  ...['undo-next: busy', 'undo-next: waits', 'undo-next: over', 'undo-next: refused: fenced', 'undo: lost'],
  ...['undo: busy', 'commit-undo: committed: 1', 'commit-undo: committed: 2', 'commit-undo: lost'],
  ...['finish: finished: compensated', 'finish: finished: compensation_failed', 'finish: finished: compensating'],
  ...['finish: refused: fenced', 'open: opened: retried', 'open: ended', 'open-child: opened: retried'],
  ...['claim: claimed: 2.1, epoch 3', 'commit: evidence', 'decide: decided: approved', 'decide: decided: denied'],
  ...['sweep: compensating, 0 expired, 0 unknown', 'sweep: compensating, 1 expired, 1 unknown'],
  ...['sweep: compensation_failed, 0 expired, 1 unknown', 'resolve: resolved'],
]
