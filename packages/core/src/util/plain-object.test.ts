import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { isPlainObject } from './plain-object.ts'

test('isPlainObject knows literals of every realm, and no instances', () => {
  const plain = [{}, Object.create(null), JSON.parse('{"__proto__":1}'), runInNewContext('({ a: 1 })')]
  const instances = [new Date(), new Map(), [], new (class Order {})(), Object.create({ inherited: 1 }), new Error('x')]
  expect(plain.map(isPlainObject)).toEqual(plain.map(() => true))
  expect(instances.map(isPlainObject)).toEqual(instances.map(() => false))
})
