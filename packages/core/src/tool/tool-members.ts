import { ConfigError } from '../errors/config-error.ts'
import { checkOptionNames } from '../errors/option-names.ts'
import { checkBackoff, checkWait } from './check-wait.ts'

const KNOWN = [
  'name',
  'description',
  'parameters',
  'inputSchema',
  'execute',
  'commit',
  'effect',
  'once',
  'repeatable',
  'key',
  'keys',
  'resource',
  'was',
  'onUnknown',
  'downstreamKeyTtlMs',
  'certainty',
  'retry',
  'timeoutMs',
  'leaseMs',
  'onOutage',
  'wait',
  'compensate',
  'covers',
  'keep',
  'approval',
  'record',
]
const RETRY = ['attempts', 'backoff', 'when', 'scope']

/**
 * Refuses what nothing would honour. An instance of a class may have members of its own; a plain definition has none.
 * Throws `ConfigError`.
 */
export function checkToolMembers(name: string, definition: object): void {
  if (isPlain(definition)) checkOptionNames(`tool '${name}'`, definition, KNOWN)
  const { retry, wait } = definition as { readonly retry?: unknown; readonly wait?: unknown }
  checkWait(`tool '${name}': wait`, wait)
  if (retry === undefined) return
  if (typeof retry !== 'object' || retry === null) {
    throw new ConfigError(`tool '${name}': \`retry\` is an object such as { attempts: 3 }. Nothing was defined.`)
  }
  checkOptionNames(`tool '${name}': retry`, retry, RETRY)
  checkBackoff(`tool '${name}': retry.backoff`, (retry as { readonly backoff?: unknown }).backoff)
}

function isPlain(definition: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(definition)
  return prototype === Object.prototype || prototype === null
}
