import { checkLimits } from '../config/check-limits.ts'
import type { Limits, OneOrMany } from '../config/limits.ts'
import { checkScopeName } from '../config/scope-names.ts'
import { ConfigError } from '../errors/config-error.ts'
import { checkOptionNames } from '../errors/option-names.ts'
import { isWellFormed } from '../util/well-formed.ts'
import type { Run } from './run.ts'

export interface RunOptions {
  /** The same id is the same run: resumed after a crash, answered from the record once completed. @default a new one */
  readonly id?: string
  /** What kind of run this is; a registered agent's name. */
  readonly name?: string
  /** The conversation that this run is a turn of. */
  readonly thread?: string
  /** What the run starts from; the same id with another input is a conflict. */
  readonly input?: unknown
  readonly tags?: readonly string[]
  /** `null`: not a child of the enclosing run. @default the enclosing run */
  readonly parent?: Run | null
  /**
   * What this run may use, with everything below it, in place of what an earlier opening of it said. A run goes on under
   * the limits that it has until it is given others. @default as they are
   */
  readonly limits?: OneOrMany<Limits>
  /**
   * Scopes that it counts on as well, such as `user:ann`, and everything below it: names whose limits the ledger knows,
   * or their limits by name, which stay in force for others too. @default none
   */
  readonly scopes?: readonly string[] | Readonly<Record<string, OneOrMany<Limits>>>
  /**
   * What happens to what the run did when it fails. `compensate`: its effects are undone, the last first; `keep`: they
   * stay. @default 'compensate'; in a thread 'keep'
   */
  readonly onError?: 'compensate' | 'keep'
  /** The same where a limit on money, tokens, calls, effects or time has stopped it. @default as onError */
  readonly onBudgetExceeded?: 'compensate' | 'keep'
  /**
   * What an aborted `signal` means. `keep`: the run is let go, and the same id goes on with it; `compensate`: it has
   * failed, and is undone. @default 'keep'
   */
  readonly onAbort?: 'keep' | 'compensate'
  /** Opens the next attempt of a run that failed, was canceled or compensated. @default false */
  readonly retry?: boolean
  /** If the run is being executed elsewhere, waits for its outcome. @default false */
  readonly join?: boolean
  /** Several workers in one run: dedupe only. For `ledger.open`. @default false */
  readonly shared?: boolean
  /** How long a returned stream may lie unread before the run is let go. @default 60_000 */
  readonly idleMs?: number
  readonly signal?: AbortSignal
}

export const RUN_DEFAULTS: { readonly idleMs: number } = Object.freeze({ idleMs: 60_000 })

const KNOWN: readonly (keyof RunOptions)[] = [
  'id',
  'name',
  'thread',
  'input',
  'tags',
  'parent',
  'limits',
  'scopes',
  'onError',
  'onBudgetExceeded',
  'onAbort',
  'retry',
  'join',
  'shared',
  'idleMs',
  'signal',
]

/** Throws `ConfigError` for an option that is wrong or that this version does not have. */
export function checkRunOptions(options: RunOptions): void {
  checkOptionNames('run options', options, KNOWN)
  if (options.id === '') throw new ConfigError('run option `id` must be a text that is not empty.')
  for (const name of ['id', 'name', 'thread'] as const) checkText(name, options[name])
  if (options.tags !== undefined) {
    if (!Array.isArray(options.tags)) throw new ConfigError('run option `tags` must be an array of texts.')
    for (const tag of options.tags) checkText('tags', tag ?? null)
  }
  for (const name of ['onError', 'onBudgetExceeded', 'onAbort'] as const) {
    const choice = options[name]
    if (choice !== undefined && choice !== 'compensate' && choice !== 'keep')
      throw new ConfigError(`run option \`${name}\` is '${String(choice)}'; it must be 'compensate' or 'keep'.`)
  }
  if (options.limits !== undefined) checkLimits('run option `limits`', options.limits, 'run')
  if (options.scopes !== undefined) checkScopes(options.scopes)
  if (options.idleMs !== undefined && !(options.idleMs > 0))
    throw new ConfigError('run option `idleMs` must be above 0.')
}

function checkScopes(scopes: Exclude<RunOptions['scopes'], undefined>): void {
  const where = 'run option `scopes`'
  if (typeof scopes !== 'object' || scopes === null)
    throw new ConfigError(`${where} must be a list of names, or limits by name. Nothing was started.`)
  const names: readonly string[] = Array.isArray(scopes) ? scopes : Object.keys(scopes)
  for (const name of names) checkScopeName(where, name)
  if (Array.isArray(scopes)) return
  for (const [name, limits] of Object.entries(scopes)) checkLimits(`${where}['${name}']`, limits, 'scope')
}

/** Half a surrogate pair is stored as another character, so that two such ids would be the same run. */
function checkText(name: string, value: unknown): void {
  if (value === undefined) return
  if (typeof value !== 'string') throw new ConfigError(`run option \`${name}\` must be a text; it is ${String(value)}.`)
  if (!isWellFormed(value))
    throw new ConfigError(`run option \`${name}\` has half a surrogate pair, which cannot be stored. Remove it.`)
}
