import { ConfigError } from '../errors/config-error.ts'
import { checkOptionNames } from '../errors/option-names.ts'

/** When doing the same again is a loop. */
export interface LoopOptions {
  /**
   * How often the same call may be answered the same in a row, and how many rounds of a cycle may go by: the next one
   * stops the run. From 1 to 100. @default 5
   */
  readonly repeats?: number
  /** Counts the same call also where others stand in between, over this time. @default they are not counted */
  readonly windowMs?: number
  /** How many calls the longest cycle has that is looked for: from 2 on A-B-A-B is found. From 1 to 4. @default 4 */
  readonly cycle?: number
  /** How often one tool may give the same result in a row, whatever it is asked. From 2 to 100. @default any number of times */
  readonly sameResult?: number
  /** The agent is told before the run is stopped. @default true */
  readonly advise?: boolean
  /** Tools that may do the same for ever, such as one that waits for something. @default [] */
  readonly exempt?: readonly string[]
  /** Arguments, by name, that make no other call of it. @default [] */
  readonly ignore?: readonly string[]
  /** Nor do dates, times and UUIDs in arguments. Of five orders that differ in their ids it makes one. @default false */
  readonly ignoreVolatile?: boolean
}

/** The same with everything filled in. */
export interface LoopSettings {
  readonly repeats: number
  readonly windowMs: number | undefined
  readonly cycle: number
  readonly sameResult: number | undefined
  readonly advise: boolean
  readonly exempt: ReadonlySet<string>
  readonly ignore: ReadonlySet<string>
  readonly ignoreVolatile: boolean
}

/** The one place where the guard's defaults live. */
export const LOOP_DEFAULTS: LoopSettings = Object.freeze({
  repeats: 5,
  windowMs: undefined,
  cycle: 4,
  sameResult: undefined,
  advise: true,
  exempt: new Set<string>(),
  ignore: new Set<string>(),
  ignoreVolatile: false,
})

const BOUNDS = { repeats: [1, 100], cycle: [1, 4], sameResult: [2, 100] } as const
const NUMBERS = ['repeats', 'cycle', 'sameResult'] as const
const SWITCHES = ['advise', 'ignoreVolatile'] as const
const LISTS = ['exempt', 'ignore'] as const
const KNOWN: readonly (keyof LoopOptions)[] = [...NUMBERS, 'windowMs', ...SWITCHES, ...LISTS]

/** Throws `ConfigError` that names what is wrong; `where` is what the options are called: `createLedger: limits.loop`. */
export function checkLoopOptions(where: string, options: unknown): asserts options is LoopOptions | false | undefined {
  if (options === undefined || options === false) return
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new ConfigError(`${where} must be false or an object such as { repeats: 5 }. Nothing was started.`)
  checkOptionNames(where, options, KNOWN)
  const given: LoopOptions = options
  for (const name of NUMBERS) checkInteger(`${where}.${name}`, given[name], BOUNDS[name])
  const { windowMs } = given
  if (windowMs !== undefined && !(typeof windowMs === 'number' && windowMs > 0 && Number.isFinite(windowMs)))
    throw wrong(`${where}.windowMs`, windowMs, 'a number of milliseconds above 0')
  for (const name of SWITCHES)
    if (given[name] !== undefined && typeof given[name] !== 'boolean')
      throw wrong(`${where}.${name}`, given[name], 'true or false')
  for (const name of LISTS)
    if (given[name] !== undefined && !isListOfTexts(given[name]))
      throw wrong(`${where}.${name}`, given[name], 'an array of texts')
}

/**
 * Makes settings of layers, the most specific first: each option comes from the first that has it. `false` switches the
 * guard off, unless a more specific layer says more than that.
 */
export function resolveLoop(...layers: readonly (LoopOptions | false | undefined)[]): LoopSettings | false {
  const given = layers.filter((layer) => layer !== undefined)
  const off = given.indexOf(false)
  if (off === 0) return false
  const counting = (off < 0 ? given : given.slice(0, off)) as readonly LoopOptions[]
  const first = <Name extends keyof LoopOptions>(name: Name): LoopOptions[Name] | undefined =>
    counting.find((layer) => layer[name] !== undefined)?.[name]
  return Object.freeze({
    repeats: first('repeats') ?? LOOP_DEFAULTS.repeats,
    windowMs: first('windowMs') ?? LOOP_DEFAULTS.windowMs,
    cycle: first('cycle') ?? LOOP_DEFAULTS.cycle,
    sameResult: first('sameResult') ?? LOOP_DEFAULTS.sameResult,
    advise: first('advise') ?? LOOP_DEFAULTS.advise,
    exempt: new Set(first('exempt') ?? LOOP_DEFAULTS.exempt),
    ignore: new Set(first('ignore') ?? LOOP_DEFAULTS.ignore),
    ignoreVolatile: first('ignoreVolatile') ?? LOOP_DEFAULTS.ignoreVolatile,
  })
}

function checkInteger(name: string, value: unknown, [least, most]: readonly [number, number]): void {
  if (value === undefined) return
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return
  throw wrong(name, value, `an integer from ${least} to ${most}`)
}

function isListOfTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

function wrong(name: string, value: unknown, right: string): ConfigError {
  return new ConfigError(`${name} is ${shown(value)}; it must be ${right}. Nothing was started.`)
}

function shown(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value)
}
