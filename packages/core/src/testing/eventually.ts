import { vi } from 'vitest'

/** Resolves when the check no longer throws; patient, because a busy machine is no failure. */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 10_000 })
}
