import { ConfigError } from '../errors/config-error.ts'
import { isWellFormed } from '../util/well-formed.ts'

export const LEDGER_SCOPE = 'ledger'

const ANY = '*'
/** Every run counts on these of its own accord. */
const OWN = ['run:', 'session:', 'loose:'] as const

/** The scope of one run. */
export function runScope(id: string): string {
  return `run:${id}`
}

export function threadScope(thread: string): string {
  return `thread:${thread}`
}

/** The life of one `createLedger`. */
export function sessionScope(session: string): string {
  return `session:${session}`
}

/** What model calls outside of runs share in a session. */
export function looseScope(session: string): string {
  return `loose:${session}`
}

/** Throws `ConfigError` for what is neither a scope's name nor the beginning of names and `*`. */
export function checkScopePattern(where: string, pattern: unknown): asserts pattern is string {
  checkText(where, pattern)
  const star = pattern.indexOf(ANY)
  if (star < 0) return
  if (star === 0)
    throw new ConfigError(
      `${where}: '${pattern}' would fit every scope, runs and all. Nothing was set. Write a beginning: 'user:*'.`,
    )
  if (star < pattern.length - 1)
    throw new ConfigError(
      `${where}: '${pattern}' has its * in the middle. Nothing was set. It can only stand at the end: 'user:*'.`,
    )
}

/** Throws `ConfigError` for what a run cannot name as a scope that it counts on. */
export function checkScopeName(where: string, name: unknown): asserts name is string {
  checkText(where, name)
  if (name.endsWith(ANY))
    throw new ConfigError(`${where}: '${name}' is a pattern. Nothing was started. Name one scope, such as 'user:ann'.`)
  if (name === LEDGER_SCOPE || OWN.some((beginning) => name.startsWith(beginning)))
    throw new ConfigError(
      `${where}: '${name}' cannot be named: every run counts on its own, its session's and the ledger's scope as it is. Nothing was started. Leave it out.`,
    )
}

/** Whether a scope has the limits of that pattern, unless a longer one fits too. */
export function fits(pattern: string, name: string): boolean {
  return pattern.endsWith(ANY) && name.startsWith(pattern.slice(0, -ANY.length))
}

function checkText(where: string, name: unknown): asserts name is string {
  if (typeof name !== 'string' || name === '' || !isWellFormed(name))
    throw new ConfigError(`${where}: a scope has a name such as 'user:ann'; it is ${String(name)}. Nothing was set.`)
}
