import { expectTypeOf, test } from 'vitest'
import type { Ledger } from '../ledger.ts'
import { loopGuard } from './loop-guard.ts'

declare const ledger: Ledger

test('a guarded function keeps its type', () => {
  function first<T>(items: readonly T[]): T | undefined {
    return items[0]
  }
  expectTypeOf(loopGuard(ledger, first)([1, 2])).toEqualTypeOf<number | undefined>()
  expectTypeOf(loopGuard(ledger, 'search', async (query: string) => [query])).returns.resolves.toEqualTypeOf<string[]>()
  // @ts-expect-error: a guarded function takes what the function takes
  loopGuard(ledger, 'search', (query: string) => query)(5)
  // @ts-expect-error: the name comes before the function
  loopGuard(ledger, first, 'search')
})
