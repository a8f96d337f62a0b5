import { listEffects } from '../audit/list-effects.ts'
import { getRun } from '../audit/list-runs.ts'
import { ConfigError } from '../errors/config-error.ts'
import { NoRunError } from '../errors/no-run-error.ts'
import { type DefaultLedger, defaultLedgerIfAny } from '../run/default-ledger.ts'
import { currentFrame } from '../run/frame.ts'
import { coreOf, type Run } from '../run/run.ts'
import { runAgent } from '../run/run-agent.ts'
import type { RunOptions } from '../run/run-options.ts'

/** The ledger that a saga or plan is executed in: one that was given, the enclosing run's, or the default. */
export type Host = Pick<DefaultLedger, 'run' | 'runs' | 'effects'>

/** Where, and as which run, a saga or plan is executed. */
export interface ExecuteOptions {
  /** @default the enclosing run's, else the default ledger if one was set */
  readonly ledger?: Host
  /** The run's id: the same id is the same execution, resumed after a crash, answered from the record once completed. @default derived within a run, else a new one */
  readonly id?: string
  /** Its abort stops the steps, and undoes those that succeeded. */
  readonly signal?: AbortSignal
  /** Opens the next attempt of an execution that failed. @default false; within a retried run true */
  readonly retry?: boolean
}

export const EXECUTE_OPTIONS: readonly (keyof ExecuteOptions)[] = ['ledger', 'id', 'signal', 'retry']

/** Throws `NoRunError` where there is no ledger to execute `what` in. */
export function hostOf(what: string, given: Host | undefined): Host {
  if (given !== undefined) return given
  const frame = currentFrame()
  if (frame !== undefined) return hostOfRun(frame.run)
  const ledger = defaultLedgerIfAny()
  if (ledger === undefined) throw new NoRunError(what)
  return ledger
}

function hostOfRun(run: Run): Host {
  const { context } = coreOf(run)
  return {
    run: (options, agent) => runAgent(context, options, agent),
    runs: { get: (id) => getRun(context, id) },
    effects: { list: (query) => listEffects(context, query) },
  }
}

/** A run whose failure undoes exactly what it did. Throws `ConfigError` for the id of a run that it would be inside of. */
export function undoneTogether({ id, signal, retry }: ExecuteOptions): RunOptions {
  if (id !== undefined) assertNotInside(id)
  return {
    onError: 'compensate',
    onAbort: 'compensate',
    ...(id === undefined ? {} : { id }),
    ...(signal === undefined ? {} : { signal }),
    ...(retry === undefined ? {} : { retry }),
  }
}

/** The same id inside itself is the same run, whose other effects would then be undone with the steps. */
function assertNotInside(id: string): void {
  const frame = currentFrame()
  for (let core = frame === undefined ? undefined : coreOf(frame.run); core !== undefined; core = core.parent) {
    if (core.id !== id) continue
    throw new ConfigError(
      `run '${id}' encloses this, so it cannot be its id too; nothing was started. Leave out \`id\`: it is derived from the enclosing run.`,
    )
  }
}
