import type { EffectView } from '../audit/effect-view.ts'
import type { EffectListQuery } from '../audit/list-effects.ts'
import type { RunView } from '../audit/run-view.ts'
import type { PerformOptions } from '../tool/tool.ts'
import type { ToolSpec } from '../tool/tool-spec.ts'
import { sharedState } from '../util/shared-state.ts'
import type { Run } from './run.ts'
import type { RunOptions } from './run-options.ts'

/** What is asked of the default ledger from below the ledger itself. */
export interface DefaultLedger {
  run<T>(options: RunOptions, agent: (run: Run) => T | Promise<T>): Promise<T>
  readonly runs: { get(id: string): Promise<RunView | undefined> }
  readonly effects: { list(query?: EffectListQuery): Promise<EffectView[]> }
  /** A tool called outside any run: what `onNoRun` says. */
  withoutRun(tool: ToolSpec<unknown, unknown>, args: unknown, options?: PerformOptions): Promise<unknown>
}

/** On `globalThis`: all copies of this package in a process have one default ledger. */
const state = sharedState(
  'default-ledger',
  (): { ledger: DefaultLedger | undefined; make: (() => DefaultLedger) | undefined } => ({
    ledger: undefined,
    make: undefined,
  }),
)

/** Says how the default ledger is made when it is first needed. */
export function onDefaultLedger(make: () => DefaultLedger): void {
  state.make ??= make
}

export function defaultLedgerIfAny(make?: 'make'): DefaultLedger | undefined {
  if (state.ledger === undefined && make !== undefined) state.ledger = state.make?.()
  return state.ledger
}

export function useDefaultLedger(ledger: DefaultLedger | undefined): void {
  state.ledger = ledger
}
