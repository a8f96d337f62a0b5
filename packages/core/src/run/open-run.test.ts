import { expect, onTestFinished, test, vi } from 'vitest'
import { Lane } from '../lane/lane.ts'
import { createLedger } from '../ledger.ts'
import { memory } from '../store/sqlite/sqlite.ts'

test('a parent remembers the hash of what its children start from, not their inputs', async () => {
  const ledger = createLedger({ store: memory() })
  onTestFinished(() => ledger.close())
  const counted = vi.spyOn(Lane.prototype, 'nextOrdinal')
  onTestFinished(() => counted.mockRestore())
  await ledger.run({ id: 'parent' }, async () => {
    for (const letter of ['a', 'a', 'b']) await ledger.run({ name: 'c', input: letter.repeat(100_000) }, () => letter)
  })
  const keys = counted.mock.calls.map(([of]) => of)
  expect(keys.every((of) => of.length < 100)).toBe(true)
  expect(counted.mock.results.map(({ value }) => value)).toEqual([1, 2, 1])
})
