import { ConfigError } from '../errors/config-error.ts'
import { type Usd, usd } from '../usd.ts'
import { LEAST_BUDGET } from './check-limits.ts'
import { checkSession } from './scope-names.ts'

/** What the environment says; the code's options win over it. */
export interface Environment {
  /** Asked for only when no store is given: a DATABASE_URL that cannot hold a ledger must not stop one with its own. */
  readonly dbUrl: () => string | undefined
  readonly session: string | undefined
  readonly onOutage: 'block' | 'allow' | undefined
  readonly storeRetries: number | undefined
  readonly storeRetryMs: number | undefined
  /** What calls outside of runs share, where the ledger has no limits. */
  readonly budget: Usd | undefined
  readonly loop: boolean | undefined
  readonly loopRepeats: number | undefined
  readonly pricesFile: string | undefined
}

type Variables = Readonly<Record<string, string | undefined>>

/** Schemes of DATABASE_URL under which an application's own database can hold the ledger's tables. */
const SHARED_SCHEMES = ['sqlite:', 'postgres:', 'postgresql:', 'mysql:']

/** Variables of the design whose promise this version cannot keep: whoever sets one must not believe that it is heard. */
const NOT_YET = ['HOLDFAST_CASSETTE', 'HOLDFAST_LOG_LEVEL']

/** Reads `HOLDFAST_*`. Throws `ConfigError` that names the variable. */
export function readEnvironment(variables: Variables = process.env): Environment {
  for (const name of NOT_YET) {
    if (variables[name])
      throw new ConfigError(
        `${name} is set, and this version has nothing that would honour it. Nothing was opened. Unset it.`,
      )
  }
  return {
    dbUrl: () => dbUrl(variables),
    session: session(variables),
    onOutage: oneOf(variables, 'HOLDFAST_ON_OUTAGE', ['block', 'allow']),
    storeRetries: integer(variables, 'HOLDFAST_STORE_RETRIES', 0, 100),
    storeRetryMs: integer(variables, 'HOLDFAST_STORE_RETRY_MS', 0, 60_000),
    budget: amount(variables, 'HOLDFAST_BUDGET'),
    loop: truth(oneOf(variables, 'HOLDFAST_LOOP', ['true', 'false'])),
    loopRepeats: integer(variables, 'HOLDFAST_LOOP_REPEATS', 1, 100),
    pricesFile: variables.HOLDFAST_PRICES_FILE || undefined,
  }
}

function dbUrl(variables: Variables): string | undefined {
  if (variables.HOLDFAST_DB_URL) return variables.HOLDFAST_DB_URL
  const shared = variables.DATABASE_URL
  if (!shared) return undefined
  if (SHARED_SCHEMES.some((scheme) => shared.startsWith(scheme))) return shared
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(shared)?.[0] ?? 'no scheme'
  throw new ConfigError(
    `DATABASE_URL has the scheme '${scheme}', which cannot hold a ledger, so no tables were created there. Set HOLDFAST_DB_URL, for example to sqlite:./.holdfast/ledger.db, or pass a store.`,
  )
}

function oneOf<const T extends string>(variables: Variables, name: string, allowed: readonly T[]): T | undefined {
  const value = variables[name]
  if (value === undefined || value === '') return undefined
  if ((allowed as readonly string[]).includes(value)) return value as T
  throw new ConfigError(`${name} is '${value}'; it must be one of ${allowed.join(', ')}.`)
}

function integer(variables: Variables, name: string, least: number, most: number): number | undefined {
  const value = variables[name]
  if (value === undefined || value === '') return undefined
  const number = Number(value)
  if (Number.isInteger(number) && number >= least && number <= most) return number
  throw new ConfigError(`${name} is '${value}'; it must be an integer from ${least} to ${most}.`)
}

/** An empty one is none: all who leave it so would share it. */
function session({ HOLDFAST_SESSION: value }: Variables): string | undefined {
  if (value === undefined || value === '') return undefined
  checkSession('HOLDFAST_SESSION', value)
  return value
}

function truth(word: 'true' | 'false' | undefined): boolean | undefined {
  return word === undefined ? undefined : word === 'true'
}

function amount(variables: Variables, name: string): Usd | undefined {
  const value = variables[name]
  if (value === undefined || value === '') return undefined
  const budget = amountIn(value)
  if (budget !== undefined && budget >= LEAST_BUDGET) return budget
  throw new ConfigError(
    `${name} is '${value}'; it must be an amount of USD such as 2.50, above 0. Nothing was opened. Where calls outside of runs are to have no limit, give createLedger({ limits: {} }).`,
  )
}

function amountIn(text: string): Usd | undefined {
  try {
    return usd(text)
  } catch {
    return undefined
  }
}
