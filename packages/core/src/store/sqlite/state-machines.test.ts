import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { type Clock, systemClock } from '../../util/clock.ts'
import { ManualClock } from '../../util/manual-clock.ts'
import type { Store } from '../store.ts'
import { sqlite } from './sqlite.ts'
import {
  type Action,
  type EffectState,
  KEY_NAMES,
  type LedgerState,
  OUTCOME_NAMES,
  OWNERS,
  RUN_NAMES,
} from './testing/ledger-actions.ts'
import { LedgerDriver } from './testing/ledger-driver.ts'
import { LedgerModel } from './testing/ledger-model.ts'

const RUNS = 2_500
/** verify reads the whole file, so that a file is used for so many ledgers and then replaced. */
const LEDGERS_PER_FILE = 50

const directory = mkdtempSync(join(tmpdir(), 'holdfast-model-'))
const clock = new ManualClock()
let stores: Store[] = []
let ledgers = 0
let usesLeft = 0
const seen = new Set<string>()

afterAll(async () => {
  await closeAll()
  rmSync(directory, { recursive: true, force: true })
})

interface Real {
  readonly driver: LedgerDriver
  last: LedgerState
}

/** One action, done to both; afterwards both must look the same, and the store as its promises say. */
class Step implements fc.AsyncCommand<LedgerModel, Real> {
  readonly #action: Action

  constructor(action: Action) {
    this.#action = action
  }

  check(model: Readonly<LedgerModel>): boolean {
    const action = this.#action
    if ('claim' in action && model.claims.length === 0) return false
    if (('handle' in action || 'parent' in action) && model.handles.length === 0) return false
    if (action.kind === 'open-child') return model.handle(action.parent).run !== 'child'
    if (action.kind !== 'resolve') return true
    return model.mayTakeOver(model.claim(action.claim), model.handle(action.handle))
  }

  async run(model: LedgerModel, real: Real): Promise<void> {
    const expected = model.apply(this.#action)
    expect(await real.driver.apply(this.#action)).toBe(expected)
    seen.add(`${this.#action.kind}: ${expected}`)
    const now = await real.driver.state()
    expect(now).toEqual(model.state)
    checkPromises(real.last, now)
    real.last = now
  }

  toString(): string {
    return JSON.stringify(this.#action)
  }
}

/** Mostly the newest, which are the ones that may do something. */
const pick = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 3, arbitrary: fc.nat(2) }, fc.nat(11))
const run = fc.constantFrom(...RUN_NAMES)
const owner = fc.nat(OWNERS - 1)

function step<Kind extends Action['kind']>(
  kind: Kind,
  fields: { [Name in Exclude<keyof Extract<Action, { kind: Kind }>, 'kind'>]: fc.Arbitrary<unknown> },
): fc.Arbitrary<Step> {
  return fc.record<Record<string, unknown>>(fields).map((values) => new Step({ kind, ...values } as unknown as Action))
}

const open = step('open', { owner, run, retry: fc.boolean() })
const claim = step('claim', { handle: pick, key: fc.constantFrom(...KEY_NAMES), attempts: fc.constantFrom(1, 1, 3) })
const commit = step('commit', { claim: pick, outcome: fc.constantFrom('succeeded', ...OUTCOME_NAMES) })
const resolve = step('resolve', {
  claim: pick,
  handle: pick,
  resolution: fc.constantFrom('takeover', 'applied', 'not_applied', 'unknown'),
  stale: fc.constantFrom(false, false, false, true),
})
/** No sum of these is the length of a lease. */
const advance = step('advance', { ms: fc.constantFrom(400, 1_500, 3_000) })
const childOpen = step('open-child', { parent: pick, retry: fc.boolean() })
const close = step('close', { handle: pick, to: fc.constantFrom('closing', 'released', 'completed', 'failed') })
const renew = step('renew', { owner })
const steps = [
  ...[open, open, open, childOpen, childOpen, close, close, renew, renew],
  ...[claim, claim, claim, claim, claim, claim, claim, claim, commit, commit, commit, commit],
  ...[resolve, resolve, resolve, resolve, resolve, resolve, advance, advance, advance],
  ...[step('halt', { handle: pick }), step('cancel', { run }), step('check', { handle: pick })],
]

test(`effects and runs of ${OWNERS} owners go the way the design says, whatever comes in whatever order`, async () => {
  await fc.assert(
    fc.asyncProperty(fc.commands(steps, { maxCommands: 60, size: 'max' }), async (commands) => {
      const name = `ledger ${ledgers++}`
      if (usesLeft === 0) await openAll(join(directory, `${name}.db`))
      const left = (usesLeft || LEDGERS_PER_FILE) - 1
      // A ledger that fails leaves its file to nobody else.
      usesLeft = 0
      const model = new LedgerModel()
      const real = { driver: new LedgerDriver(stores, clock, `${name}, run `), last: { runs: {}, effects: {} } }
      await fc.asyncModelRun(() => ({ model, real }), commands)
      await finish(model, real)
      expect(await (stores[0] as Store).verify()).toEqual([])
      usesLeft = left
    }),
    { numRuns: RUNS, seed: 20_261_120 },
  )
  expect([...seen]).toEqual(expect.arrayContaining(MUST_BE_SEEN))
}, 120_000)

/** Whoever still has something in hand says what came of it. */
async function finish(model: LedgerModel, real: Real): Promise<void> {
  for (const [index, { effect, epoch }] of model.claims.entries()) {
    if (effect.status !== 'processing' || effect.epoch !== epoch) continue
    const number = model.claims.length - 1 - index
    await new Step({ kind: 'commit', claim: number, outcome: 'succeeded' }).run(model, real)
  }
}

/** Answers without which the commands above would prove little. */
const MUST_BE_SEEN = [
  ...['open: opened: resumed', 'open: opened: retried', 'open: running', 'open: ended', 'open-child: opened: resumed'],
  ...['open-child: opened: retried', 'open-child: refused: fenced', 'open-child: running'],
  ...['claim: claimed: 1.1, epoch 1', 'claim: claimed: 1.2, epoch 2', 'claim: claimed: 2.1, epoch 2', 'claim: busy'],
  ...['claim: settled', 'claim: unknown', 'claim: refused: fenced', 'claim: refused: closed', 'claim: refused: halted'],
  ...['commit: committed', 'commit: evidence', 'commit: lost'],
  ...['resolve: claimed: 1.2, epoch 3', 'resolve: resolved', 'resolve: lost', 'resolve: refused: fenced'],
  ...['close: closed: completed', 'close: closed: running', 'close: refused: fenced', 'cancel: canceled'],
]

/** A store of its own connection for each owner: connections are shared by those who share a clock. */
async function openAll(path: string): Promise<void> {
  await closeAll()
  stores = Array.from({ length: OWNERS }, () =>
    sqlite(path).open({
      ...{ clock: sameClock(), durability: 'fast', migrate: 'auto', random: () => 0.5, warn: () => undefined },
      retries: { attempts: 0, initialMs: 1 },
    }),
  )
}

async function closeAll(): Promise<void> {
  for (const store of stores) await store.close()
}

/** The same time, as a clock of one's own. */
function sameClock(): Clock {
  return { ...systemClock, now: () => clock.now(), monotonic: () => clock.monotonic() }
}

/** What the notes call I1, I2 and I3, said without the model. I11 is that entries have no gap and equal the model's. */
function checkPromises(before: LedgerState, now: LedgerState): void {
  for (const [place, rows] of Object.entries(now.effects)) {
    expect(rows.map(({ generation }) => generation)).toEqual(rows.map((_, index) => index + 1))
    const over = rows.slice(0, -1).filter(({ certainty }) => certainty !== 'not_applied')
    expect(over, 'a generation follows one that may have happened').toEqual([])
    for (const [index, row] of rows.entries()) {
      const earlier = before.effects[place]?.[index]
      if (earlier !== undefined)
        expect(mayBecome(earlier, row), `${place}: ${JSON.stringify([earlier, row])}`).toBe(true)
    }
  }
  for (const [name, { epoch, attempt }] of Object.entries(now.runs)) {
    expect(epoch).toBeGreaterThanOrEqual(before.runs[name]?.epoch ?? 0)
    expect(attempt).toBeGreaterThanOrEqual(before.runs[name]?.attempt ?? 0)
  }
}

/** Section 5: what is settled stays, and only a new epoch starts anything again. */
function mayBecome(before: EffectState, now: EffectState): boolean {
  if (JSON.stringify(before) === JSON.stringify(now)) return true
  const epochs = now.epoch - before.epoch
  const attempts = now.attempt - before.attempt
  const isOpenQuestion = before.status === 'unknown' || before.certainty === 'assumed'
  switch (now.status) {
    case 'processing':
      // The next attempt of the same claim, or a new claim, of one that expired in the same step too.
      if (before.status === 'processing') return attempts === 1 && (epochs === 0 || epochs === 2)
      return isOpenQuestion && attempts === 1 && epochs === 1
    case 'unknown':
      return before.status === 'processing' && attempts === 0 && epochs <= 1
    case 'succeeded':
    case 'failed':
      if (before.status === 'processing') return attempts === 0 && (epochs === 0 || epochs === 1)
      return isOpenQuestion && attempts === 0 && epochs === 0
    default:
      return false
  }
}
