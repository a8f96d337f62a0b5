import { describe, expect, test } from 'vitest'
import { usd } from '../usd.ts'
import { askFor, limitSettings } from './limit-settings.ts'

describe('what a ledger says of limits', () => {
  const loose = (options: Parameters<typeof limitSettings>[0]) => limitSettings(options, usd(1)).loose?.[0]?.budgetNano

  test('leaves calls outside of runs their own budget only where it says nothing of limits itself', () => {
    expect(loose({})).toBe(usd(1))
    expect(loose({ limits: { loop: { repeats: 3 } } })).toBe(usd(1))
    expect(loose({ scopes: { ledger: { budget: usd(5) } } })).toBe(usd(1))
    expect(loose({ limits: {} })).toBeUndefined()
    expect(loose({ limits: { calls: 5 } })).toBeUndefined()
  })

  test('drops what it said before and says no more', () => {
    const before = limitSettings({ scopes: { 'user:*': {}, ledger: {} } }, usd(1))
    expect(limitSettings({ scopes: { ledger: { calls: 1 } } }, usd(1), before).dropped).toEqual(['user:*'])
    expect(before.dropped).toEqual([])
  })

  test('asks the function of a name, else of its longest beginning, unless the limits are said there', () => {
    const [all, eu, ann] = [() => ({}), () => ({}), () => ({})]
    const settings = limitSettings(
      { scopes: { 'user:*': all, 'user:eu:*': eu, 'user:ann': ann, 'user:eu:staff:*': {}, 'user:bob': {} } },
      usd(1),
    )
    const asked = ['user:kim', 'user:eu:kim', 'user:ann', 'user:eu:staff:kim', 'user:bob', 'org:x', 'user:'].map(
      (name) => askFor(settings, name),
    )
    expect(asked).toEqual([all, eu, ann, undefined, undefined, undefined, all])
  })
})
