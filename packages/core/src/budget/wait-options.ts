import type { LedgerContext } from '../config/ledger-context.ts'
import { ConfigError } from '../errors/config-error.ts'
import { checkWait } from '../tool/check-wait.ts'
import type { WaitOptions } from '../tool/tool-definition.ts'

/** How one call waits for room: as it says, else as its ledger does. Undefined: not at all. */
export function waitFor(
  wait: boolean | WaitOptions | undefined,
  { waitForBudget, wait: defaults }: LedgerContext,
): Required<WaitOptions> | undefined {
  if (wait === undefined) return waitForBudget
  if (wait === false) return undefined
  const own = waitForBudget ?? defaults
  return wait === true ? own : { ...own, ...wait }
}

/** Throws `ConfigError`. */
export function checkBudgetWait(where: string, wait: unknown): void {
  if (wait === undefined || typeof wait === 'boolean') return
  if (typeof wait !== 'object') throw new ConfigError(`${where} is true, false, or { timeoutMs: … }. Nothing was sent.`)
  checkWait(where, wait)
}
