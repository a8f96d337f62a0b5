import { codecList } from '../codec/codec.ts'
import { ConfigError } from '../errors/config-error.ts'
import { TokenCounter } from '../estimate/token-counter.ts'
import { type PriceSource, priceSource } from '../price/price-book.ts'
import type { StoreSource } from '../store/store.ts'
import type { AnyTool } from '../tool/tool.ts'
import type { WaitOptions } from '../tool/tool-definition.ts'
import { systemClock } from '../util/clock.ts'
import { Deadlines } from '../util/deadlines.ts'
import { randomId } from '../util/ids.ts'
import { systemRandom } from '../util/random.ts'
import type { Environment } from './environment.ts'
import type { LedgerContext } from './ledger-context.ts'
import { EventHub } from './ledger-events.ts'
import { LEDGER_DEFAULTS, type LedgerOptions } from './ledger-options.ts'
import { limitSettings, loopOf } from './limit-settings.ts'
import { type LoopOptions, resolveLoop } from './loop-options.ts'

/** Fills in what options and environment leave open; a living ledger keeps its store and its listeners. */
export function makeContext(
  options: LedgerOptions,
  environment: Environment,
  source: () => StoreSource,
  living?: LedgerContext,
): LedgerContext {
  if (living !== undefined) assertSameStore(options, living)
  if (living !== undefined && options.codec !== undefined) assertSameCodecs(options, living)
  const clock = options.clock ?? systemClock
  const ids = options.ids ?? randomId
  const wait = { ...LEDGER_DEFAULTS.wait, ...options.wait }
  const loopLayers = [loopOf(options.limits), loopOfEnvironment(environment)]
  return {
    store: living?.store ?? openStore(options, environment, source(), clock),
    clock,
    deadlines: living?.clock === clock ? living.deadlines : new Deadlines(clock),
    ids,
    random: systemRandom,
    events: living?.events ?? new EventHub(),
    session: options.session ?? environment.session ?? living?.session ?? ids(),
    tools: toolsByName(options.tools ?? []),
    agents: new Map(Object.entries(options.agents ?? {})),
    irreversible: options.irreversible ?? LEDGER_DEFAULTS.irreversible,
    codecs: living?.codecs ?? codecIds(options),
    redact: options.redact,
    maxValueBytes: options.maxValueBytes ?? LEDGER_DEFAULTS.maxValueBytes,
    onOutage: options.onOutage ?? environment.onOutage ?? LEDGER_DEFAULTS.onOutage,
    onNoRun: options.onNoRun ?? LEDGER_DEFAULTS.onNoRun,
    unmetered: options.unmetered ?? LEDGER_DEFAULTS.unmetered,
    onResumeMismatch: options.onResumeMismatch ?? LEDGER_DEFAULTS.onResumeMismatch,
    leaseMs: options.leaseMs ?? LEDGER_DEFAULTS.leaseMs,
    graceMs: options.graceMs ?? LEDGER_DEFAULTS.graceMs,
    limits: limitSettings(options, environment.budget ?? LEDGER_DEFAULTS.looseBudget, living?.limits),
    loop: resolveLoop(...loopLayers),
    loopLayers,
    prices: pricesOf(options, environment),
    tokenCounter: new TokenCounter({ tokenizer: options.tokenizer, clock }),
    unknownPrice: options.unknownPrice ?? LEDGER_DEFAULTS.unknownPrice,
    unboundedCalls: options.unboundedCalls ?? LEDGER_DEFAULTS.unboundedCalls,
    waitForBudget: waitForBudget(options, wait),
    wait,
    waitUntil: options.waitUntil,
  }
}

function loopOfEnvironment({ loop, loopRepeats }: Environment): LoopOptions | false | undefined {
  if (loop === false) return false
  return loopRepeats === undefined ? undefined : { repeats: loopRepeats }
}

function pricesOf({ prices }: LedgerOptions, { pricesFile }: Environment): PriceSource {
  const own = priceSource('createLedger: prices', prices)
  if (pricesFile === undefined || prices?.file !== undefined) return own
  try {
    return priceSource('createLedger: prices', { ...prices, file: pricesFile })
  } catch (cause) {
    // Without that file they are right.
    throw new ConfigError(`HOLDFAST_PRICES_FILE: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

function waitForBudget(
  { waitForBudget: given = false }: LedgerOptions,
  wait: Required<WaitOptions>,
): Required<WaitOptions> | undefined {
  if (typeof given === 'boolean') return given ? wait : undefined
  return { ...wait, ...given }
}

function assertSameStore({ name, store }: LedgerOptions, living: LedgerContext): void {
  if (store === undefined || store.location === living.store.location) return
  throw new ConfigError(
    `createLedger: the ledger '${name}' is open on ${living.store.location}, so it was not opened on ${store.location}. Close it first, or use another name.`,
  )
}

/** Whoever asks for encryption must not get a store that was opened without. */
function assertSameCodecs(options: LedgerOptions, { codecs }: LedgerContext): void {
  if (codecIds(options).join() === codecs.join()) return
  const opened = codecs.length === 0 ? 'without a codec' : `with the codecs ${codecs.join(', ')}`
  throw new ConfigError(
    `createLedger: the ledger '${options.name}' was opened ${opened}, so it cannot take others while it lives. Nothing was changed. Close it first, or use another name.`,
  )
}

function codecIds({ codec }: LedgerOptions): readonly string[] {
  return codec === undefined ? [] : codecList('createLedger', codec).map(({ id }) => id)
}

function openStore(
  options: LedgerOptions,
  environment: Environment,
  source: StoreSource,
  clock: LedgerContext['clock'],
): LedgerContext['store'] {
  return source.open({
    clock,
    durability: options.durability ?? LEDGER_DEFAULTS.durability,
    migrate: options.migrate ?? LEDGER_DEFAULTS.migrate,
    random: systemRandom,
    retries: {
      attempts: environment.storeRetries ?? LEDGER_DEFAULTS.storeRetries,
      initialMs: environment.storeRetryMs ?? LEDGER_DEFAULTS.storeRetryMs,
    },
    warn: (message) => process.emitWarning(message, { type: 'HoldfastWarning' }),
  })
}

function toolsByName(tools: readonly AnyTool[]): ReadonlyMap<string, AnyTool> {
  const byName = new Map<string, AnyTool>()
  for (const tool of tools) {
    const other = byName.get(tool.toolName)
    if (other !== undefined && other !== tool)
      throw new ConfigError(
        `createLedger: two tools have the name '${tool.toolName}', and a name is all that a fresh process knows. Rename one.`,
      )
    byName.set(tool.toolName, tool)
  }
  return byName
}
