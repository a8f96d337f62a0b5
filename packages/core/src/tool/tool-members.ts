import { ConfigError } from '../errors/config-error.ts'
import { NotSupportedError } from '../errors/not-supported-error.ts'
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
]
const RETRY = ['attempts', 'backoff', 'when']

/** Members of the design that this version would never call. */
const NOT_YET = ['compensate', 'approval', 'record', 'keep', 'covers']

/**
 * Refuses what nothing would honour. An instance of a class may have members of its own; a plain definition has none.
 * Throws `NotSupportedError` for what is designed and not built, `ConfigError` for what there is not.
 */
export function checkToolMembers(name: string, definition: object): void {
  for (const member of NOT_YET) {
    if (member in definition) {
      throw new NotSupportedError(`'${member}' of tool '${name}'`, 'Remove it, or wait for the version that has it.')
    }
  }
  if (isPlain(definition)) checkOptionNames(`tool '${name}'`, definition, KNOWN)
  const { retry, wait } = definition as { readonly retry?: unknown; readonly wait?: unknown }
  checkWait(`tool '${name}': wait`, wait)
  if (retry === undefined) return
  if (typeof retry !== 'object' || retry === null) {
    throw new ConfigError(`tool '${name}': \`retry\` is an object such as { attempts: 3 }. Nothing was defined.`)
  }
  checkOptionNames(`tool '${name}': retry`, retry, RETRY, ['scope'])
  checkBackoff(`tool '${name}': retry.backoff`, (retry as { readonly backoff?: unknown }).backoff)
}

function isPlain(definition: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(definition)
  return prototype === Object.prototype || prototype === null
}
