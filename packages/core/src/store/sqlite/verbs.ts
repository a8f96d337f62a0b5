import { Answers } from './answers.ts'
import { Appends } from './appends.ts'
import { ApprovalDecisions } from './approval-decisions.ts'
import { ApprovalRequests } from './approval-requests.ts'
import { Calls } from './calls.ts'
import { CompensationClaims } from './compensation-claim.ts'
import { CompensationCommits } from './compensation-commit.ts'
import { CompensationFinisher } from './compensation-finish.ts'
import { CompensationOpener } from './compensation-open.ts'
import { CompensationSteps } from './compensation-steps.ts'
import type { VerbContext } from './context.ts'
import { EffectClaims } from './effect-claim.ts'
import { EffectCommits } from './effect-commit.ts'
import { EffectFinder } from './effect-finder.ts'
import { EffectLimits } from './effect-limits.ts'
import { EffectResolutions } from './effect-resolve.ts'
import { EffectWaits } from './effect-waits.ts'
import { Fence } from './fence.ts'
import { Holds } from './holds.ts'
import { Limits } from './limits.ts'
import { ApprovalReader } from './read-approvals.ts'
import { CallReader } from './read-calls.ts'
import { EffectReader } from './read-effects.ts'
import { LaneReader } from './read-lane.ts'
import { RunReader } from './read-runs.ts'
import { LaneReopener } from './reopen-lane.ts'
import { RunCanceler } from './run-cancel.ts'
import { RunCloser } from './run-close.ts'
import { LeaseRenewal } from './run-leases.ts'
import { RunOpener } from './run-open.ts'
import { RunSweeper } from './run-sweep.ts'
import { Tail } from './tail.ts'
import { UsageReader } from './usage.ts'

/** The verbs that undo. */
interface Compensations {
  readonly opener: CompensationOpener
  readonly steps: CompensationSteps
  readonly claims: CompensationClaims
  readonly commits: CompensationCommits
  readonly finisher: CompensationFinisher
}

/** All verbs of a connection, synchronous, by concern. Whoever calls them has opened the transaction. */
export interface Verbs {
  readonly context: VerbContext
  readonly fence: Fence
  readonly opener: RunOpener
  readonly closer: RunCloser
  readonly canceler: RunCanceler
  readonly sweeper: RunSweeper
  readonly renewal: LeaseRenewal
  readonly appends: Appends
  readonly finder: EffectFinder
  readonly claims: EffectClaims
  readonly commits: EffectCommits
  readonly resolutions: EffectResolutions
  readonly waits: EffectWaits
  readonly compensations: Compensations
  readonly requests: ApprovalRequests
  readonly decisions: ApprovalDecisions
  readonly answers: Answers
  readonly calls: Calls
  readonly holds: Holds
  readonly limits: Limits
  readonly effectLimits: EffectLimits
  readonly runs: RunReader
  readonly effects: EffectReader
  readonly callReader: CallReader
  readonly approvals: ApprovalReader
  readonly lanes: LaneReader
  readonly reopener: LaneReopener
  readonly tail: Tail
  readonly usage: UsageReader
}

export function createVerbs(context: VerbContext): Verbs {
  const { database } = context
  return {
    context,
    fence: new Fence(database),
    opener: new RunOpener(context),
    closer: new RunCloser(context),
    canceler: new RunCanceler(context),
    sweeper: new RunSweeper(context),
    renewal: new LeaseRenewal(context),
    appends: new Appends(database),
    finder: new EffectFinder(database),
    claims: new EffectClaims(context),
    commits: new EffectCommits(context),
    resolutions: new EffectResolutions(context),
    waits: new EffectWaits(database),
    compensations: createCompensations(context),
    requests: new ApprovalRequests(context),
    decisions: new ApprovalDecisions(database),
    answers: new Answers(database),
    calls: new Calls(context),
    holds: new Holds(context),
    limits: new Limits(database),
    effectLimits: new EffectLimits(context),
    runs: new RunReader(context),
    effects: new EffectReader(database),
    callReader: new CallReader(database),
    approvals: new ApprovalReader(database),
    lanes: new LaneReader(database),
    reopener: new LaneReopener(database),
    tail: new Tail(database),
    usage: new UsageReader(context),
  }
}

function createCompensations(context: VerbContext): Compensations {
  return {
    opener: new CompensationOpener(context),
    steps: new CompensationSteps(context),
    claims: new CompensationClaims(context),
    commits: new CompensationCommits(context.database),
    finisher: new CompensationFinisher(context),
  }
}
