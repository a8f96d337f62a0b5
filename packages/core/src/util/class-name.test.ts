import { expect, test } from 'vitest'
import { classNameOf } from './class-name.ts'

test('names a class, and does without where there is no name', () => {
  const hostile = Object.defineProperty({}, 'constructor', {
    get: () => {
      throw new Error('no')
    },
  })
  const unnamed = 'an unnamed class'
  expect(classNameOf(new Map())).toBe('Map')
  expect([Object.create(null), new (class {})(), hostile].map(classNameOf)).toEqual([unnamed, unnamed, unnamed])
})
