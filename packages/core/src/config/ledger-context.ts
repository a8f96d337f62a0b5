import type { Store } from '../store/store.ts'
import type { AnyTool } from '../tool/tool.ts'
import type { WaitOptions } from '../tool/tool-definition.ts'
import type { Clock } from '../util/clock.ts'
import type { Deadlines } from '../util/deadlines.ts'
import type { Ids } from '../util/ids.ts'
import type { Random } from '../util/random.ts'
import type { EventHub } from './ledger-events.ts'
import type { RegisteredAgent } from './ledger-options.ts'
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
  readonly maxValueBytes: number
  readonly onOutage: 'block' | 'allow'
  readonly onNoRun: 'throw' | 'pass'
  readonly onResumeMismatch: 'halt' | 'live'
  readonly leaseMs: number
  readonly graceMs: number
  readonly wait: Required<WaitOptions>
  readonly waitUntil: ((promise: Promise<unknown>) => void) | undefined
}
