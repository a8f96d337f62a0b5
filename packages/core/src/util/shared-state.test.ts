import { expect, test } from 'vitest'
import { sharedState } from './shared-state.ts'

test('is made once, whoever asks, and found under its registered symbol by another copy', () => {
  const first = sharedState('shared-state-test', () => ({ count: 1 }))
  const second = sharedState('shared-state-test', () => ({ count: 2 }))
  expect(second).toBe(first)
  expect((globalThis as Record<symbol, unknown>)[Symbol.for('holdfast.shared-state-test.v1')]).toBe(first)
})

test('keeps a state that is undefined', () => {
  let made = 0
  const make = () => void made++
  sharedState('shared-state-undefined', make)
  sharedState('shared-state-undefined', make)
  expect(made).toBe(1)
})
