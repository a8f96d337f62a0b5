import { maskedMembers } from '../codec/mask.ts'
import { ConfigError } from '../errors/config-error.ts'
import type { Redact } from './redact.ts'

/**
 * A `redact` that hides what stands under certain names, at any depth: `redactFields(['password', /token$/i])`. Texts
 * are compared without regard to case. Members of errors are members too. Texts are not looked into, also where they are JSON or a message of an error.
 */
export function redactFields(names: readonly (string | RegExp)[]): Redact {
  if (!Array.isArray(names) || names.length === 0 || !names.every(isName)) {
    throw new ConfigError(
      "redactFields needs a list of names and regular expressions, such as redactFields(['password', /token$/i]). Nothing would be hidden.",
    )
  }
  const texts = new Set(names.filter((name) => typeof name === 'string').map((name) => name.toLowerCase()))
  const patterns = names.filter((name) => name instanceof RegExp)
  // `search` keeps no state, where `test` of a global expression forgets every other name.
  const isHidden = (name: string) => texts.has(name.toLowerCase()) || patterns.some((one) => name.search(one) >= 0)
  return (value) => maskedMembers(value, isHidden)
}

function isName(name: unknown): boolean {
  return (typeof name === 'string' && name !== '') || name instanceof RegExp
}
