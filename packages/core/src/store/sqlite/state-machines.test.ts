import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { RUN_NAMES } from './testing/ledger-actions.ts'
import { LedgerDriver } from './testing/ledger-driver.ts'
import { LedgerFile, ModelTime } from './testing/ledger-file.ts'
import { LedgerModel } from './testing/ledger-model.ts'
import { APPROVAL_STEPS, perform, type Real, RUN_STEPS, SAGA_STEPS } from './testing/ledger-steps.ts'

/** verify reads the whole file, so that a file is used for so many ledgers and then replaced. */
const LEDGERS_PER_FILE = 25
/** A soak asks for more than each of these names, and for others each time. */
const SOAK_RUNS = fc.readConfigureGlobal().numRuns

const directory = mkdtempSync(join(tmpdir(), 'holdfast-model-'))
const time = new ModelTime()
let file: LedgerFile | undefined
let ledgers = 0
let usesLeft = 0

afterAll(async () => {
  await file?.close()
  rmSync(directory, { recursive: true, force: true })
})

test.each([
  ['runs and effects', RUN_STEPS, 1_000, RUN_ANSWERS()],
  ['approvals', APPROVAL_STEPS, 500, APPROVAL_ANSWERS()],
  ['compensations', SAGA_STEPS, 2_000, SAGA_ANSWERS()],
] as const)('%s of several owners go the way the design says, whatever comes in whatever order', async (_, steps, runs, answers) => {
  const seen = new Set<string>()
  const property = fc.asyncProperty(fc.commands([...steps], { maxCommands: 50, size: 'max' }), async (commands) => {
    await withLedger(seen, (model, real) => fc.asyncModelRun(() => ({ model, real }), commands))
  })
  await fc.assert(property, SOAK_RUNS === undefined ? { numRuns: runs, seed: 20_261_120 } : { numRuns: SOAK_RUNS })
  expect([...answers].filter((answer) => ![...seen].some((one) => one.includes(answer)))).toEqual([])
}, 300_000)

async function withLedger(seen: Set<string>, play: (model: LedgerModel, real: Real) => Promise<void>): Promise<void> {
  const name = `ledger ${ledgers++}`
  if (usesLeft === 0) {
    await file?.close()
    file = await LedgerFile.open(join(directory, `${name}.db`), time)
  }
  const left = (usesLeft || LEDGERS_PER_FILE) - 1
  // A ledger that fails leaves its file to nobody else.
  usesLeft = 0
  const model = new LedgerModel()
  const driver = new LedgerDriver(file as LedgerFile, time, `${name}, run `)
  const real: Real = { driver, last: { runs: {}, effects: {} }, seen }
  await play(model, real)
  await finish(model, real)
  expect(await (file as LedgerFile).store(0).verify()).toEqual([])
  usesLeft = left
}

/** Whoever still has something in hand says what came of it, and everybody can read what is left to undo. */
async function finish(model: LedgerModel, real: Real): Promise<void> {
  const { claims, undoings } = model.world
  for (const [index] of claims.entries()) {
    const action = { kind: 'commit', claim: claims.length - 1 - index, outcome: 'succeeded' } as const
    if (model.isInHand(claims[index], 'processing') && model.mayApply(action)) await perform(action, model, real)
  }
  for (const [index] of undoings.entries()) {
    const action = { kind: 'commit-undo', undoing: undoings.length - 1 - index, outcome: 'compensated' } as const
    if (model.isInHand(undoings[index], 'compensating') && model.mayApply(action)) await perform(action, model, real)
  }
  for (const run of RUN_NAMES)
    if (model.mayApply({ kind: 'read-undo', run })) await perform({ kind: 'read-undo', run }, model, real)
}

/** Answers without which the commands above would prove little. */
function RUN_ANSWERS(): readonly string[] {
  return [
    ...['open: opened: resumed', 'open: opened: retried', 'open: running', 'open: ended', 'open-child: opened: resumed'],
    ...['open-child: opened: retried', 'open-child: refused: fenced', 'open-child: running'],
    ...['claim: claimed: 1.1, epoch 1', 'claim: claimed: 1.2, epoch 2', 'claim: claimed: 2.1, epoch 2', 'claim: busy'],
    ...['claim: settled', 'claim: unknown', 'claim: refused: fenced', 'claim: refused: closed', 'claim: refused: halted'],
    ...['commit: committed', 'commit: evidence', 'commit: lost'],
    ...['resolve: claimed: 1.2, epoch 3', 'resolve: resolved', 'resolve: lost', 'resolve: refused: fenced'],
    ...['close: closed: completed', 'close: closed: running', 'close: refused: fenced', 'cancel: canceled'],
  ]
}

function APPROVAL_ANSWERS(): readonly string[] {
  return []
}

function SAGA_ANSWERS(): readonly string[] {
  return []
}
