import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Clock, systemClock } from '../../util/clock.ts'
import { ManualClock } from '../../util/manual-clock.ts'
import { ApprovalWorld, LEASE, type Move, OUTCOMES } from './testing/approval-world.ts'
import { openProcess, openRun, temporaryFile } from './testing/fixture.ts'

const RUNS = 1_000

const asks = fc.record({
  owner: fc.nat(1),
  terms: fc.constantFrom(true, true, true, false),
  args: fc.constantFrom(0, 0, 0, 1),
  expiresMs: fc.constantFrom(0, 0, LEASE / 4),
  mark: fc.boolean(),
})
const claim = fc.record({
  kind: fc.constant('claim' as const),
  asks,
  attempts: fc.constantFrom(1, 3),
  carries: fc.boolean(),
  byHand: fc.boolean(),
})
const decide = fc.record({
  kind: fc.constant('decide' as const),
  decision: fc.constantFrom('approve', 'approve', 'approve', 'deny', 'cancel'),
  overrule: fc.boolean(),
  edits: fc.boolean(),
})
const commit = fc.record({
  kind: fc.constant('commit' as const),
  outcome: fc.constantFrom(...(Object.keys(OUTCOMES) as (keyof typeof OUTCOMES)[])),
  grant: fc.constantFrom(0, 0, 0, 1),
})
const takeOver = fc.record({ kind: fc.constant('take over' as const), asks })
const request = fc.record({ kind: fc.constant('request' as const) })
const resolve = fc.record({ kind: fc.constant('resolve' as const), to: fc.constantFrom('applied', 'not_applied') })
const wait = fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(LEASE / 10, LEASE / 3, 2 * LEASE) })
const move = fc.oneof(
  ...[
    { weight: 6, arbitrary: claim },
    { weight: 4, arbitrary: decide },
    { weight: 4, arbitrary: commit },
  ],
  ...[
    { weight: 2, arbitrary: takeOver },
    { weight: 1, arbitrary: request },
    { weight: 1, arbitrary: resolve },
  ],
  { weight: 2, arbitrary: wait },
) as fc.Arbitrary<Move>

test('whatever happens in whatever order, nothing executes that a human was to approve and did not', async () => {
  const clock = new ManualClock()
  const path = temporaryFile()
  const stores = [openProcess(path, sameTime(clock)), openProcess(path, sameTime(clock))] as const
  const seen = new Set<string>()
  let runs = 0
  const property = fc.asyncProperty(fc.array(move, { minLength: 5, maxLength: 30, size: 'max' }), async (moves) => {
    const run = await openRun(stores[0], { id: `run ${runs++}`, shared: true })
    const world = new ApprovalWorld(stores, clock, run)
    for (const each of moves) await world.play(each)
    for (const answer of world.seen) seen.add(answer)
  })
  await fc.assert(property, { numRuns: RUNS, seed: 20_261_121 })
  expect(await stores[0].verify()).toEqual([])
  expect([...seen]).toEqual(expect.arrayContaining(MUST_BE_SEEN))
}, 120_000)

/** Answers without which the moves would prove little. */
const MUST_BE_SEEN = [
  ...[
    'claim: claimed',
    'claim: awaiting_approval',
    'claim: denied',
    'claim: conflict',
    'claim: unknown',
    'claim: busy',
  ],
  ...['claim: settled', 'take over: claimed', 'take over: awaiting_approval', 'take over: denied', 'take over: lost'],
  ...['decide: decided approve', 'decide: decided deny', 'decide: decided cancel', 'decide: lost', 'decide: missing'],
  ...[
    'request: requested',
    'request: lost',
    'commit: committed',
    'commit: evidence',
    'commit: lost',
    'resolve: resolved',
  ],
]

/** The same time, as a clock of one's own: stores with one clock would share a connection and an owner. */
function sameTime(clock: ManualClock): Clock {
  return { ...systemClock, now: () => clock.now(), monotonic: () => clock.monotonic() }
}
