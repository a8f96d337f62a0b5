import { expect, test } from 'vitest'
import { requirable } from './requirable.ts'

class Base {}
class Client extends Base {
  static readonly Failure: typeof Error = Error
  readonly name: string
  constructor({ name }: { readonly name: string }) {
    super()
    this.name = name
  }
  // As a guarded client has it.
  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: it is inherited
    return Function.prototype[Symbol.hasInstance].call(this === Client ? Base : this, value)
  }
}
const exported = { Client, default: Client, toFile: () => 'file' }
const required = requirable(Client, exported)

test('it is the class, with `new` and without', () => {
  const made = new required({ name: 'a' })
  const called = (required as unknown as (options: object) => Client)({ name: 'b' })
  expect([made.name, called.name, made.constructor, called.constructor]).toEqual(['a', 'b', Client, Client])
  expect([made instanceof Client, called instanceof required, new Base() instanceof required]).toEqual([
    true,
    true,
    true,
  ])
})

test('it can be extended', () => {
  class Mine extends required {}
  const mine = new Mine({ name: 'm' })
  expect([mine instanceof Mine, mine instanceof required, mine.constructor, Mine.Failure]).toEqual([
    true,
    true,
    Mine,
    Error,
  ])
  expect(new Client({ name: 'a' }) instanceof Mine).toBe(false)
})

test('it has what the package exports, also for compiled imports', () => {
  expect(required.toFile()).toBe('file')
  expect(Object.keys(required)).toEqual(['Client', 'default', 'toFile'])
  expect({ ...required }.default).toBe(Client)
  expect((required as unknown as { __esModule: unknown }).__esModule).toBe(true)
})
