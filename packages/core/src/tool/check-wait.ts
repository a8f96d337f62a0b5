import { ConfigError } from '../errors/config-error.ts'
import { checkOptionNames } from '../errors/option-names.ts'

const ON_BUSY = ['wait', 'throw']
const BACKOFF = ['initialMs', 'maxMs', 'factor', 'jitter']

/** Refuses names that nothing reads, and what would wait for ever or not at all. Throws `ConfigError`. */
export function checkWait(where: string, wait: unknown): void {
  if (wait === undefined) return
  checkNumbers(where, wait, ['timeoutMs', ...BACKOFF], ['onBusy'])
  const { onBusy } = wait as { readonly onBusy?: unknown }
  if (onBusy !== undefined && !ON_BUSY.includes(onBusy as string))
    throw new ConfigError(`${where}: onBusy is '${String(onBusy)}'; it must be one of ${ON_BUSY.join(', ')}.`)
}

/** The same for the delays between attempts. Throws `ConfigError`. */
export function checkBackoff(where: string, backoff: unknown): void {
  if (backoff !== undefined) checkNumbers(where, backoff, BACKOFF)
}

function checkNumbers(
  where: string,
  options: unknown,
  numbers: readonly string[],
  others: readonly string[] = [],
): void {
  if (typeof options !== 'object' || options === null)
    throw new ConfigError(`${where} is an object such as { initialMs: 50 }. Nothing was started.`)
  checkOptionNames(where, options, [...numbers, ...others])
  for (const name of numbers) {
    const value = (options as Readonly<Record<string, unknown>>)[name]
    if (value !== undefined && !(typeof value === 'number' && value >= 0))
      throw new ConfigError(`${where}: ${name} must be a number, 0 or more; it is ${String(value)}.`)
  }
}
