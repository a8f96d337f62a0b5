import { describe, expect, test } from 'vitest'
import type { LaneCall } from '../store/read-verbs.ts'
import { RecordedCalls } from './recorded-calls.ts'

const hash = (text: string) => Buffer.from(text)

function call(id: number, exact: string, masked: string, [at, endEntry]: [number, number | null]): LaneCall {
  const status = endEntry === null ? 'lost' : 'succeeded'
  return { id, ordinal: id, status, exactHash: hash(exact), maskedHash: hash(masked), restHash: '', at, endEntry }
}

describe('a request that differs from a recorded one in volatile text alone', () => {
  test('is given the answer of the first one alike, one after another', () => {
    const calls = new RecordedCalls([call(1, 'at 10:00', 'at T', [1, 3]), call(2, 'at 10:05', 'at T', [3, 5])])
    expect(calls.take(hash('at 11:00'), hash('at T'), '')?.id).toBe(1)
    expect(calls.take(hash('at 11:05'), hash('at T'), '')?.id).toBe(2)
    expect(calls.take(hash('at 11:10'), hash('at T'), '')).toBeUndefined()
  })

  test('is never given that of one of two that were in flight side by side', () => {
    const calls = new RecordedCalls([call(1, 'order a', 'order U', [1, null]), call(2, 'order b', 'order U', [2, 4])])
    expect(calls.take(hash('order c'), hash('order U'), '')).toBeUndefined()
    expect(calls.take(hash('order a'), hash('order U'), '')).toMatchObject({ id: 1, status: 'lost' })
    expect(calls.take(hash('order b'), hash('order U'), '')).toMatchObject({ id: 2, status: 'succeeded' })
    expect(calls.isEmpty).toBe(true)
  })
})

test('a request that was asked word for word and never answered is known, once', () => {
  const calls = new RecordedCalls([call(1, 'x', 'x', [1, null])])
  expect(calls.next()).toBeUndefined()
  expect(calls.take(hash('x'), hash('x'), '')).toMatchObject({ status: 'lost' })
  expect(calls.take(hash('x'), hash('x'), '')).toBeUndefined()
})

test('of those asked word for word, a request is given the one of its own model, tools and parameters', () => {
  const lost = { ...call(1, 'x', 'x', [1, null]), restHash: 'large' }
  const calls = new RecordedCalls([lost, { ...call(2, 'x', 'x', [2, 4]), restHash: 'small' }])
  expect(calls.take(hash('x'), hash('x'), 'large')).toMatchObject({ id: 1, status: 'lost' })
  expect(calls.take(hash('x'), hash('x'), 'other')).toMatchObject({ id: 2, status: 'succeeded' })
})
