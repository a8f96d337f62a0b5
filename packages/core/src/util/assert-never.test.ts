import { expect, test } from 'vitest'
import { assertNever } from './assert-never.ts'

test('assertNever says which value was not expected', () => {
  expect(() => assertNever('odd' as never)).toThrow('Unexpected value: odd')
})
