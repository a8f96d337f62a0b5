import { types } from 'node:util'
import { comparedText, failureText } from '../effect/watch.ts'
import { ConfigError } from '../errors/config-error.ts'
import { UNKNOWN_RESULT } from '../guard/answered-call.ts'
import type { GuardedCall } from '../guard/guarded-call.ts'
import type { LoopGuard } from '../guard/loop-guard.ts'
import { strandOf } from '../lane/strand-of.ts'
import { type AnyTool, TOOL_SPEC } from '../tool/tool.ts'
import { argumentText } from '../util/argument-text.ts'
import { currentFrame } from './frame.ts'
import { hidesArguments } from './hides-arguments.ts'
import { coreOf } from './run.ts'

/** The ledger that remembers what is called outside of runs. */
export interface LoopLedger {
  loopsOutsideRuns(): LoopGuard | undefined
  /** The registered tools, by name. */
  readonly tools: ReadonlyMap<string, AnyTool>
}

// biome-ignore lint/suspicious/noExplicitAny: any function can be guarded, and keeps its type
type AnyFunction = (...args: any[]) => unknown

/**
 * The same function, which throws `LoopDetectedError` instead of being called with the same arguments, and the same
 * result, again and again: within the run that it is called in, which is halted; outside of runs, within the ledger.
 * Throws `ConfigError` for a function without a name.
 * @example
 * const searchWeb = loopGuard(ledger, 'search-web', (query: string) => api.search(query))
 */
export function loopGuard<Guarded extends AnyFunction>(ledger: LoopLedger, guarded: Guarded): Guarded
export function loopGuard<Guarded extends AnyFunction>(ledger: LoopLedger, name: string, guarded: Guarded): Guarded
export function loopGuard(ledger: LoopLedger, ...rest: readonly (string | AnyFunction)[]): AnyFunction {
  const guarded = rest.at(-1)
  if (typeof guarded !== 'function')
    throw new ConfigError('loopGuard needs a function: loopGuard(ledger, search). Nothing is guarded.')
  const name = typeof rest[0] === 'string' ? rest[0] : guarded.name
  if (name === '')
    throw new ConfigError(
      'loopGuard: the function has no name, and a loop is told by it. Nothing is guarded. Write loopGuard(ledger, name, fn).',
    )
  return new Proxy(guarded, {
    apply: (call, self: unknown, args: unknown[]) => callGuarded(ledger, { name, call }, self, args),
  })
}

interface Guarded {
  readonly name: string
  readonly call: AnyFunction
}

function callGuarded(ledger: LoopLedger, { name, call }: Guarded, self: unknown, args: unknown[]): unknown {
  let watched: GuardedCall | undefined
  try {
    watched = isWatchedAnyway(call) ? undefined : begin(ledger, name, callText(args))
  } catch (error) {
    // Who expects a promise must be able to catch it there; who expects an iterator could do nothing with one.
    if (types.isAsyncFunction(call) && !types.isGeneratorFunction(call)) return Promise.reject(error)
    throw error
  }
  const work = () => Reflect.apply(call, self, args)
  return watched === undefined ? work() : answered(watched, work)
}

/** In a run a tool is counted where it is performed. */
function isWatchedAnyway(call: AnyFunction): boolean {
  return TOOL_SPEC in call && currentFrame() !== undefined
}

/** One argument as a tool has it; several in brackets, which no JSON begins with. */
function callText(args: readonly unknown[]): string | undefined {
  if (args.length <= 1) return argumentText(args[0])
  const text = argumentText(args)
  return text === undefined ? undefined : `(${text.slice(1, -1)})`
}

function begin(ledger: LoopLedger, tool: string, args: string | undefined): GuardedCall | undefined {
  const frame = currentFrame()
  const core = frame === undefined ? undefined : coreOf(frame.run)
  core?.assertOpen(frame?.body)
  const guard = core === undefined ? ledger.loopsOutsideRuns() : core.loops
  if (guard === undefined || args === undefined) return undefined
  const lane = frame === undefined ? guard : strandOf(frame.lane, frame.body)
  const secret = hidesArguments(tool, ledger.tools, core)
  const watched = guard.watch({ lane, tool, args, secret, attempt: frame?.lane.goesThrough() })
  const loop = watched?.loop()
  if (loop === undefined) return watched
  // In force at once; its record follows, and the run's end waits for that.
  void core?.halt(loop).finally(core.track())
  throw loop
}

function answered(watched: GuardedCall, work: () => unknown): unknown {
  const failed = (error: unknown): never => {
    watched.answered(failureText(error))
    throw error
  }
  const succeeded = (value: unknown): unknown => {
    watched.answered(resultText(value))
    return value
  }
  let returned: unknown
  try {
    returned = work()
  } catch (error) {
    return failed(error)
  }
  return isPlainPromise(returned) ? returned.then(succeeded, failed) : succeeded(returned)
}

/** Anything else that has a `then`, such as a client's or a query's, may begin its work by being asked for it. */
function isPlainPromise(value: unknown): value is Promise<unknown> {
  return types.isPromise(value) && Object.getPrototypeOf(value) === Promise.prototype
}

/** What comes only later counts by its call alone; what nobody can compare counts as another each time. */
function resultText(value: unknown): string | undefined {
  return comesLater(value) ? UNKNOWN_RESULT : comparedText(value)
}

/** A promise of another kind, a query that is not sent yet, an iterator, a stream. */
function comesLater(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return 'then' in value || Symbol.asyncIterator in value || (Symbol.iterator in value && 'next' in value)
}
