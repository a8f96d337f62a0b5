import { Answers } from './answers.ts'
import { Appends } from './appends.ts'
import { Calls } from './calls.ts'
import type { VerbContext } from './context.ts'
import { EffectClaims } from './effect-claim.ts'
import { EffectCommits } from './effect-commit.ts'
import { EffectFinder } from './effect-finder.ts'
import { EffectResolutions } from './effect-resolve.ts'
import { EffectWaits } from './effect-waits.ts'
import { Fence } from './fence.ts'
import { CallReader } from './read-calls.ts'
import { EffectReader } from './read-effects.ts'
import { LaneReader } from './read-lane.ts'
import { RunReader } from './read-runs.ts'
import { LaneReopener } from './reopen-lane.ts'
import { RunCloser } from './run-close.ts'
import { LeaseRenewal } from './run-leases.ts'
import { RunOpener } from './run-open.ts'
import { Tail } from './tail.ts'

/** All verbs of a connection, synchronous, by concern. Whoever calls them has opened the transaction. */
export interface Verbs {
  readonly context: VerbContext
  readonly fence: Fence
  readonly opener: RunOpener
  readonly closer: RunCloser
  readonly renewal: LeaseRenewal
  readonly appends: Appends
  readonly finder: EffectFinder
  readonly claims: EffectClaims
  readonly commits: EffectCommits
  readonly resolutions: EffectResolutions
  readonly waits: EffectWaits
  readonly answers: Answers
  readonly calls: Calls
  readonly runs: RunReader
  readonly effects: EffectReader
  readonly callReader: CallReader
  readonly lanes: LaneReader
  readonly reopener: LaneReopener
  readonly tail: Tail
}

export function createVerbs(context: VerbContext): Verbs {
  const { database } = context
  return {
    context,
    fence: new Fence(database),
    opener: new RunOpener(context),
    closer: new RunCloser(context),
    renewal: new LeaseRenewal(context),
    appends: new Appends(database),
    finder: new EffectFinder(database),
    claims: new EffectClaims(context),
    commits: new EffectCommits(context),
    resolutions: new EffectResolutions(context),
    waits: new EffectWaits(database),
    answers: new Answers(database),
    calls: new Calls(context),
    runs: new RunReader(context),
    effects: new EffectReader(database),
    callReader: new CallReader(database),
    lanes: new LaneReader(database),
    reopener: new LaneReopener(database),
    tail: new Tail(database),
  }
}
