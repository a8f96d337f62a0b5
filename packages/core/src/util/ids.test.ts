import { expect, test } from 'vitest'
import { randomId } from './ids.ts'

test('makes well-formed version 7 UUIDs that differ', () => {
  const ids = Array.from({ length: 1_000 }, randomId)
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(new Set(ids).size).toBe(ids.length)
})

test('makes ids that carry their time, so that later ones sort later', async () => {
  const before = Date.now()
  const first = randomId()
  const time = Number.parseInt(first.replace('-', '').slice(0, 12), 16)
  expect(time).toBeGreaterThanOrEqual(before)
  expect(time).toBeLessThanOrEqual(Date.now())
  await new Promise((resolve) => setTimeout(resolve, 3))
  expect(randomId() > first).toBe(true)
})
