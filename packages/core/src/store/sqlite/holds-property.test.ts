import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import type { HoldTerms, LimitTerms, LimitWindow } from '../limit-records.ts'
import { ModelTime } from './testing/ledger-file.ts'
import { MoneyFile } from './testing/money-file.ts'
import { asking, limit } from './testing/money-fixture.ts'
import { MoneyGame, type MoneyStep } from './testing/money-game.ts'
import { LEASE_MS } from './testing/money-model.ts'

/** A soak names a number, and plays other games each time. */
const SOAK_RUNS = fc.readConfigureGlobal().numRuns
const RUNS = SOAK_RUNS === undefined ? { numRuns: 1_000, seed: 20_261_121 } : { numRuns: SOAK_RUNS }

const MINUTE = 60_000
const HOUR = 60 * MINUTE

const directory = mkdtempSync(join(tmpdir(), 'holdfast-money-'))
const time = new ModelTime()
let file: MoneyFile | undefined

afterAll(async () => {
  await file?.close()
  rmSync(directory, { recursive: true, force: true })
})

const window: fc.Arbitrary<LimitWindow> = fc.constantFrom(
  null,
  { every: 'day', timeZone: 'Europe/Berlin' } as const,
  { every: 'day', timeZone: 'UTC' } as const,
  { rollingMs: 10 * MINUTE },
  { rollingMs: 100 },
)
const amount = fc.oneof(
  { weight: 2, arbitrary: fc.constant(null) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 30 }) },
)
const terms: fc.Arbitrary<LimitTerms> = fc
  .record({
    mode: fc.constantFrom('hard', 'hard', 'hard', 'soft'),
    budgetNano: amount,
    finalReserveNano: fc.constantFrom(0, 0, 0, 5),
    tokens: amount,
    calls: fc.constantFrom(null, null, 1, 3, 8),
    window,
    thresholds: fc.constantFrom([], [0.5, 1]),
  })
  .map((some) => limit(some))

const place = fc.nat(1)
const hold: fc.Arbitrary<HoldTerms> = fc
  .record({
    inputNano: fc.integer({ min: 0, max: 8 }),
    inputTokens: fc.integer({ min: 0, max: 4 }),
    outputRate: fc.constantFrom(0, 500_000, 1_000_000, 1_700_001),
    output: fc
      .tuple(fc.nat(6), fc.nat(6))
      .map(([one, other]) => ({ least: Math.min(one, other), most: Math.max(one, other) })),
    final: fc.constantFrom(false, false, false, true),
  })
  .map((some) => asking(0, some))

const steps = {
  reserve: fc.record({ kind: fc.constant('reserve'), place, run: fc.nat(2), terms: hold, byCall: fc.boolean() }),
  settle: fc.record({
    kind: fc.constant('settle'),
    place,
    which: fc.nat(20),
    share: fc.constantFrom(0, 0.3, 0.8, 1, 1, 1.6),
    as: fc.constantFrom('spent', 'spent', 'spent', 'released', 'unsent', 'charged', 'silent'),
    byCall: fc.boolean(),
  }),
  limit: fc.record({
    kind: fc.constant('limit'),
    place,
    pattern: fc.constantFrom('run:one', 'run:*', 'user:ann', 'user:ann', 'user:*', 'u*', 'org:acme', 'ledger', '*'),
    source: fc.constantFrom('code', 'code', 'runtime'),
    terms: fc.option(fc.array(terms, { maxLength: 2 }), { freq: 6 }),
  }),
  wait: fc.record({
    kind: fc.constant('wait'),
    ms: fc.oneof(fc.nat(120), fc.constantFrom(1_000, MINUTE, LEASE_MS + 1, 9 * MINUTE, 3 * HOUR, 11 * HOUR, 24 * HOUR)),
  }),
  die: fc.record({ kind: fc.constantFrom('die', 'expire'), place }),
  // Rarely: it takes as long as a hundred others.
  reopen: fc.record({ kind: fc.constant('reopen'), place }),
}
const step = fc.oneof(
  { weight: 90, arbitrary: steps.reserve },
  { weight: 60, arbitrary: steps.settle },
  { weight: 40, arbitrary: steps.limit },
  { weight: 30, arbitrary: steps.wait },
  { weight: 20, arbitrary: steps.die },
  { weight: 1, arbitrary: steps.reopen },
) as fc.Arbitrary<MoneyStep>

/** An ordinary evening, and those before the clocks go forward and back. */
const evening = fc.constantFrom(Date.UTC(2026, 0, 15, 20), Date.UTC(2026, 2, 28, 20), Date.UTC(2026, 9, 24, 20))

test(
  'holds, limits and what is left of them are what a plain list of all holds says, whatever happens',
  async () => {
    const seen = new Set<string>()
    const games = fc.array(step, { minLength: 4, maxLength: 24, size: 'max' })
    const property = fc.asyncProperty(evening, games, async (start, moves) => {
      file ??= await MoneyFile.open(join(directory, 'ledger.db'), time)
      file.clear()
      // What the connections know of the leases of the game before is too old by then.
      time.pass(1_000)
      time.set(start)
      const game = new MoneyGame(file, time)
      for (const move of moves) await game.play(move)
      for (const answer of game.seen) seen.add(answer)
    })
    await fc.assert(property, RUNS)
    expect([...seen]).toEqual(expect.arrayContaining(MUST_BE_SEEN))
  },
  SOAK_RUNS === undefined ? 120_000 : 3_600_000,
)

/** Answers without which the steps would prove little. */
const MUST_BE_SEEN = [
  ...['reserve: held', 'reserve: held, less than asked', 'reserve: budget', 'reserve: budget, waiting helps'],
  ...['reserve: tokens', 'reserve: tokens, waiting helps', 'reserve: calls', 'reserve: swept', 'expire: charged'],
  ...['settle: open → settled', 'settle: open → released', 'settle: open → charged', 'settle: charged → settled'],
  ...[
    'settle: charged → released',
    'settle: released → settled',
    'settle: already_settled',
    'limit: removed',
    'reopen: done',
  ],
]
