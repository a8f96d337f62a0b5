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

/** Throws `ConfigError` for what would be no session of its own: `session:` of all who leave it empty, or a pattern. */
export function checkSession(where: string, session: unknown): asserts session is string {
  if (typeof session === 'string' && session !== '' && !session.endsWith(ANY) && isWellFormed(session)) return
  throw new ConfigError(
    `${where} is '${String(session)}'; it must be a text that is not empty and does not end in *. Nothing was opened.`,
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
