import type { LedgerContext } from '../config/ledger-context.ts'
import type { LoopOptions } from '../config/loop-options.ts'
import type { StoreUnavailableError } from '../errors/store-unavailable-error.ts'
import type { LoopGuard } from '../guard/loop-guard.ts'
import type { Lane } from '../lane/lane.ts'
import type { LiveBody } from '../lane/live-body.ts'
import type { RunMode } from '../lane/run-scope.ts'
import { SeenTools } from '../lane/seen-tools.ts'
import type { RunRecord, RunRef } from '../store/records.ts'
import { currentFrame } from './frame.ts'
import { guardOfRun } from './guard-of-run.ts'
import type { RunCore } from './run-core.ts'

/** What a run core is made of. */
export interface RunCoreFacts {
  readonly context: LedgerContext
  readonly record: RunRecord
  readonly ref: RunRef
  readonly mode: RunMode
  readonly outage?: StoreUnavailableError
  readonly how: 'new' | 'resumed' | 'retried' | 'joined'
  readonly root: Lane
  readonly parent: RunCore | undefined
  /** What happens to what it did when it fails, or is aborted. */
  readonly endings: Endings
  /** Those of an earlier core of the same run. @default those of the parent */
  readonly tools?: SeenTools
  /** Names of the scopes that it counts on beside those of its record. @default [] */
  readonly sessionScopes?: readonly string[]
  /** What was said about loops, the most specific first. @default as the ledger has it */
  readonly loopLayers?: readonly LoopLayer[]
}

export type LoopLayer = LoopOptions | false | undefined

/** `undo`: what it did is compensated; else it stays. */
export interface Endings {
  readonly onError: 'compensate' | 'keep'
  readonly onBudgetExceeded: 'compensate' | 'keep'
  readonly onAbort: 'compensate' | 'keep'
}

/** What a run is, all its life in this process. */
export class RunIdentity {
  readonly id: string
  readonly ref: RunRef
  readonly thread: string | undefined
  readonly context: LedgerContext
  readonly record: RunRecord
  readonly mode: RunMode
  readonly outage: StoreUnavailableError | undefined
  readonly how: RunCoreFacts['how']
  readonly isResumed: boolean
  readonly root: Lane
  readonly parent: RunCore | undefined
  /** The body that it was opened in, and which is held up as long as the run is. */
  readonly body: LiveBody | null
  readonly endings: Endings
  readonly tools: SeenTools
  readonly sessionScopes: readonly string[]
  readonly loopLayers: readonly LoopLayer[]
  /** Undefined where nobody looks for loops. */
  readonly loops: LoopGuard | undefined

  constructor(facts: RunCoreFacts) {
    const { context, record, ref, mode, how, parent } = facts
    this.id = record.id
    this.ref = ref
    this.thread = record.thread ?? undefined
    this.context = context
    this.record = record
    this.mode = mode
    this.outage = facts.outage
    this.how = how
    this.isResumed = how === 'resumed' || how === 'retried' || mode === 'records'
    this.root = facts.root
    this.parent = parent
    this.body = currentFrame()?.body ?? parent?.body ?? null
    this.endings = facts.endings
    this.tools = facts.tools ?? parent?.tools ?? new SeenTools()
    this.sessionScopes = facts.sessionScopes ?? []
    this.loopLayers = facts.loopLayers ?? context.loopLayers
    this.loops = guardOfRun(facts)
  }

  get attempt(): number {
    return this.record.attempt
  }
}
