import type { TokenCounter } from '../estimate/token-counter.ts'
import type { PriceSource } from '../price/price-book.ts'
import type { Store } from '../store/store.ts'
import type { AnyTool } from '../tool/tool.ts'
import type { WaitOptions } from '../tool/tool-definition.ts'
import type { Clock } from '../util/clock.ts'
import type { Deadlines } from '../util/deadlines.ts'
import type { Ids } from '../util/ids.ts'
import type { Random } from '../util/random.ts'
import type { EventHub } from './ledger-events.ts'
import type { RegisteredAgent } from './ledger-options.ts'
import type { LimitSettings } from './limit-settings.ts'
import type { LoopOptions, LoopSettings } from './loop-options.ts'
import type { UnboundedCalls } from './money-options.ts'
import type { Redact } from './redact.ts'

/** What every part of one ledger shares: its store, its clock and its settings, with all defaults filled in. */
export interface LedgerContext {
  readonly store: Store
  readonly clock: Clock
  readonly deadlines: Deadlines
  readonly ids: Ids
  readonly random: Random
  readonly events: EventHub
  readonly session: string
  readonly tools: ReadonlyMap<string, AnyTool>
  readonly agents: ReadonlyMap<string, RegisteredAgent>
  readonly irreversible: 'allow' | 'approve' | 'refuse'
  /** Ids of the codecs that the store was opened with; the first seals. */
  readonly codecs: readonly string[]
  readonly redact: Redact | undefined
  /** What the code says of the session's limits and those of other scopes. */
  readonly limits: LimitSettings
  /** When doing the same again is a loop, outside of runs. */
  readonly loop: LoopSettings | false
  /** What was said about loops, the most specific first: a run's own word goes before. */
  readonly loopLayers: readonly (LoopOptions | false | undefined)[]
  /** Loaded at the first use. */
  readonly prices: PriceSource
  readonly tokenCounter: TokenCounter
  readonly unknownPrice: 'refuse' | 'assume' | 'allow'
  readonly unboundedCalls: UnboundedCalls
  /** How to wait while only calls in flight, or the pace of a rate, are in the way; undefined: not at all. */
  readonly waitForBudget: Required<WaitOptions> | undefined
  readonly maxValueBytes: number
  readonly onOutage: 'block' | 'allow'
  readonly onNoRun: 'throw' | 'pass'
  readonly unmetered: 'pass' | 'refuse'
  readonly onResumeMismatch: 'halt' | 'live'
  readonly leaseMs: number
  readonly graceMs: number
  readonly wait: Required<WaitOptions>
  readonly waitUntil: ((promise: Promise<unknown>) => void) | undefined
}
