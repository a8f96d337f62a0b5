import { expect, test } from 'vitest'
import { Refusal } from './refusal.ts'

test('a refusal knows its path, whatever was thrown', () => {
  const refusal = Refusal.at(Refusal.at(new Error('from a getter'), 3), 'items')
  expect([refusal.path, refusal.reason]).toEqual(['items[3]', 'reading it threw an error'])
})
