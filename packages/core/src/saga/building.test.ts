import { describe, expect, test } from 'vitest'
import { ConfigError } from '../errors/config-error.ts'
import { NoRunError } from '../errors/no-run-error.ts'
import { tool } from '../run/callable-tool.ts'
import { temporaryLedger } from '../testing/story.ts'
import { saga } from './saga.ts'
import { Outside } from './testing/outside.ts'

const outside = new Outside()
const pay = outside.deed('pay')
const args = () => ({ of: 'order' })

describe('building a saga', () => {
  test('refuses two steps of one name, also where one of them is in a group', () => {
    const once = saga<void>('s').step('pay', pay, args)
    expect(() => once.step('pay', pay, args)).toThrow("two steps 'pay'")
    expect(() => once.parallel((group) => group.step('pay', pay, args))).toThrow("two steps 'pay'")
    expect(() => once.parallel((group) => group.step('a', pay, args).step('a', pay, args))).toThrow("two steps 'a'")
    const grouped = saga<void>('s').parallel((group) => group.step('pay', pay, args))
    expect(() => grouped.step('pay', pay, args)).toThrow(ConfigError)
  })

  test.each(['failed', ''])('refuses %j as the name of a step', (name) => {
    expect(() => saga<void>('s').step(name, pay, args)).toThrow(ConfigError)
  })

  test('refuses a saga without a name', () => {
    expect(() => saga<void>('')).toThrow(ConfigError)
  })

  test('refuses a group that is empty, not returned, or within a group', () => {
    expect(() => saga<void>('s').parallel((group) => group)).toThrow('empty')
    expect(() => saga<void>('s').parallel((() => undefined) as never)).toThrow('must be returned')
    expect(() => saga<void>('s').parallel((group) => (group as never as { parallel(): never }).parallel())).toThrow(
      'cannot hold another',
    )
  })

  test('refuses a step whose tool or arguments are none, and options that nothing reads', () => {
    expect(() => saga<void>('s').step('pay', (() => 1) as never, args)).toThrow('has no tool')
    expect(() => saga<void>('s').step('pay', pay, { of: 'order' } as never)).toThrow('needs a function')
    expect(() => saga<void>('s').step('pay', pay, args, { retries: 3 } as never)).toThrow("no option 'retries'")
  })

  test('asks that a step which the saga may go on without says so', () => {
    const mail = tool({ name: 'mail', execute: () => 1, retry: { scope: 'tool' } })
    expect(() => saga<void>('s').step('mail', mail, () => undefined)).toThrow('optional: true')
    expect(() => saga<void>('s').step('mail', mail, () => undefined, { optional: true })).not.toThrow()
  })

  test('leaves the saga that it adds to as it was', async () => {
    const ledger = temporaryLedger()
    const base = saga<void>('s').step('one', pay, () => ({ of: '1' }))
    const longer = base.step('two', pay, () => ({ of: '2' }))
    expect(Object.keys(await base.execute(undefined, { ledger }))).toEqual(['one'])
    expect(Object.keys(await longer.execute(undefined, { ledger }))).toEqual(['one', 'two'])
  })
})

describe('where a saga is executed', () => {
  test('refuses to start outside any run without a ledger', async () => {
    const { log } = outside
    const before = log.length
    await expect(saga<void>('s').step('pay', pay, args).execute()).rejects.toThrow(NoRunError)
    expect(log).toHaveLength(before)
  })

  test('refuses an id that a run around it has', async () => {
    const ledger = temporaryLedger()
    const inner = saga<void>('s').step('pay', pay, args)
    await expect(ledger.run({ id: 'x' }, () => inner.execute(undefined, { id: 'x' }))).rejects.toThrow('encloses this')
  })

  test('refuses options that nothing reads', async () => {
    const ledger = temporaryLedger()
    const one = saga<void>('s').step('pay', pay, args)
    await expect(one.execute(undefined, { ledger, onError: 'keep' } as never)).rejects.toThrow("no option 'onError'")
  })
})
