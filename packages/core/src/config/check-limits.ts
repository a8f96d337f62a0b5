import { ConfigError } from '../errors/config-error.ts'
import { checkOptionNames } from '../errors/option-names.ts'
import { isTimeZone } from '../util/calendar-period.ts'
import { checkRates } from './check-rates.ts'
import { type Limits, listOf, type OneOrMany } from './limits.ts'
import { checkLoopOptions } from './loop-options.ts'

/**
 * What limits are on. Only runs end, and so have a time. Loops are the word of a run's options or its ledger's: `runs` are
 * runs whose limits come from elsewhere.
 */
export type LimitPlace = 'run' | 'runs' | 'session' | 'scope'

const KNOWN: readonly (keyof Limits)[] = [
  'budget',
  'tokens',
  'calls',
  'effects',
  'wallMs',
  'rate',
  'loop',
  'tools',
  'window',
  'mode',
  'thresholds',
  'finalReserve',
]
const COUNTS = ['tokens', 'calls', 'effects', 'wallMs'] as const
const COUNTED = ['budget', 'tokens', 'calls', 'effects'] as const
const HARD_ONLY = ['wallMs', 'rate', 'tools', 'finalReserve', 'loop'] as const
const PERIODS = ['day', 'week', 'month']
/** In nano-USD. Below a thousandth of a cent is nobody's budget, but what a plain number of dollars would come to. */
export const LEAST_BUDGET = 10_000
/** Whoever writes 80 means 0.8. */
const MOST_THRESHOLD = 10
/** Its sixtieths are whole milliseconds, and more than the noise of a clock. */
const LEAST_ROLLING_MS = 1_000

/** Refuses limits that nothing could keep, or that would not mean what they seem to. Throws `ConfigError` that names the field. */
export function checkLimits(where: string, limits: OneOrMany<Limits>, place: LimitPlace): void {
  const list = listOf(limits)
  for (const [index, one] of list.entries()) checkOne(list === limits ? `${where}[${index}]` : where, one, place)
  if (list.filter(({ loop }) => loop !== undefined).length > 1)
    throw wrong(where, 'only one of them can say `loop`', 'Merge them.')
}

function checkOne(where: string, limits: Limits, place: LimitPlace): void {
  if (typeof limits !== 'object' || limits === null)
    throw wrong(where, `limits are an object, not ${shown(limits)}`, 'Write { budget: usd(2) }, for example.')
  checkOptionNames(where, limits, KNOWN)
  checkAmounts(where, limits)
  for (const name of COUNTS) checkCount(where, name, limits[name])
  if (place !== 'run' && place !== 'runs' && limits.wallMs !== undefined)
    throw wrong(where, '`wallMs` is for runs: nothing else ends', 'Give it to ledger.run, or to the scopes `run:*`.')
  if (place !== 'run' && place !== 'session' && limits.loop !== undefined)
    throw wrong(
      where,
      '`loop` is for runs and for the ledger itself',
      'Give it to ledger.run or createLedger as `limits`.',
    )
  checkLoopOptions(`${where}: loop`, limits.loop)
  checkRates(where, limits)
  checkWindow(where, limits)
  checkMode(where, limits)
}

function checkAmounts(where: string, { budget, finalReserve }: Limits): void {
  checkAmount(where, 'budget', budget)
  checkAmount(where, 'finalReserve', finalReserve)
  if (finalReserve === undefined) return
  if (budget === undefined) throw wrong(where, '`finalReserve` is a part of `budget`, which is not given', 'Give both.')
  if (finalReserve > budget)
    throw wrong(where, '`finalReserve` is more than the `budget` that it is a part of', 'Make it smaller.')
}

/** Refuses what is no amount of money, a plain number of dollars too. Throws `ConfigError`. */
export function checkAmount(where: string, name: string, amount: number | undefined): void {
  if (amount === undefined) return
  if (typeof amount === 'number' && Number.isSafeInteger(amount) && amount >= LEAST_BUDGET) return
  const advice =
    typeof amount === 'number' && amount > 0
      ? `Write usd(${amount}) for that many dollars.`
      : 'Write usd(2) for two dollars; leave it out where there is no limit.'
  throw wrong(where, `\`${name}\` is ${shown(amount)}, which is no amount of money`, advice)
}

function checkCount(where: string, name: string, count: number | undefined): void {
  if (count === undefined || (Number.isSafeInteger(count) && count > 0)) return
  throw wrong(where, `\`${name}\` must be an integer above 0; it is ${shown(count)}`, 'Leave it out for no limit.')
}

function checkWindow(where: string, limits: Limits): void {
  const { window } = limits
  if (window === undefined) return
  if (typeof window !== 'object' || window === null)
    throw wrong(
      where,
      `\`window\` is an object, not ${shown(window)}`,
      "Write { every: 'day' } or { rollingMs: 3_600_000 }.",
    )
  if ('rollingMs' in window) checkRolling(where, window)
  else checkPeriod(where, window)
  if (!isCounted(limits) && Object.values(limits.tools ?? {}).every(({ effects }) => effects === undefined))
    throw wrong(
      where,
      '`window` is of a budget, tokens, calls or effects, and none is given',
      'Give one, or leave it out.',
    )
}

function checkRolling(where: string, window: { readonly rollingMs: number }): void {
  checkOptionNames(`${where}: window`, window, ['rollingMs'])
  const { rollingMs } = window
  if (Number.isSafeInteger(rollingMs) && rollingMs >= LEAST_ROLLING_MS) return
  throw wrong(where, `\`window.rollingMs\` is ${shown(rollingMs)}`, `It is an integer, ${LEAST_ROLLING_MS} or more.`)
}

function checkPeriod(where: string, window: { readonly every: string; readonly timeZone?: string }): void {
  checkOptionNames(`${where}: window`, window, ['every', 'timeZone', 'rollingMs'])
  const { every, timeZone } = window
  if (!PERIODS.includes(every))
    throw wrong(where, `\`window.every\` is ${shown(every)}`, `It is one of ${PERIODS.join(', ')}.`)
  if (timeZone !== undefined && !isTimeZone(timeZone))
    throw wrong(
      where,
      `\`window.timeZone\` is ${shown(timeZone)}, which nobody here knows`,
      'Write a name such as Europe/Berlin.',
    )
}

function checkMode(where: string, limits: Limits): void {
  const { mode, thresholds } = limits
  if (mode !== undefined && mode !== 'hard' && mode !== 'soft')
    throw wrong(where, `\`mode\` is ${shown(mode)}`, "It is 'hard' or 'soft'.")
  const refusing = HARD_ONLY.find((name) => limits[name] !== undefined)
  if (mode === 'soft' && refusing !== undefined)
    throw wrong(
      where,
      `a soft limit refuses nothing, so \`${refusing}\` would do nothing in it`,
      'Put it into a limit of its own.',
    )
  if (thresholds !== undefined) checkThresholds(where, thresholds)
  if ((mode === 'soft' || (thresholds?.length ?? 0) > 0) && !isCounted(limits))
    throw wrong(where, 'thresholds are parts of a budget, tokens, calls or effects, and none is given', 'Give one.')
}

function checkThresholds(where: string, thresholds: unknown): void {
  if (!Array.isArray(thresholds))
    throw wrong(where, `\`thresholds\` is ${shown(thresholds)}`, 'It is a list of parts, such as [0.5, 0.9].')
  const odd = thresholds.findIndex((part) => !(typeof part === 'number' && part > 0 && part <= MOST_THRESHOLD))
  if (odd >= 0)
    throw wrong(
      where,
      `\`thresholds[${odd}]\` is ${shown(thresholds[odd])}`,
      'It is a part of the limit: 0.8 for four fifths.',
    )
}

function isCounted(limits: Limits): boolean {
  return COUNTED.some((name) => limits[name] !== undefined)
}

/** What is wrong with limits, for whoever wrote them. */
export function wrong(where: string, what: string, advice: string): ConfigError {
  return new ConfigError(`${where}: ${what}. Nothing was started. ${advice}`)
}

/** A value as a message can have it, whatever it is. */
export function shown(value: unknown): string {
  return typeof value === 'string'
    ? `'${value}'`
    : typeof value === 'object' && value !== null
      ? 'an object'
      : String(value)
}
