import { expect, test } from 'vitest'
import { checkSizes } from './check-sizes.ts'
import { parseSource } from './parsed-source.ts'

const path = 'packages/core/src/run/run.ts'
const lines = (count: number): string => '\n'.repeat(count - 1)

test('a file may have 300 lines and no more', () => {
  expect(checkSizes([parseSource(path, `const a = 1${lines(300)}const b = 2\n`)])).toEqual([])
  expect(checkSizes([parseSource(path, `const a = 1${lines(301)}const b = 2\n`)])).toHaveLength(1)
})

test.each([
  ['a function', (body: string) => `function long() {${body}}`],
  ['an arrow', (body: string) => `const long = () => {${body}}`],
  ['a method', (body: string) => `class Long { #long() {${body}} }`],
])('%s may have 50 lines and no more', (_kind, write) => {
  expect(checkSizes([parseSource(path, write(lines(50)))])).toEqual([])
  expect(checkSizes([parseSource(path, write(lines(51)))])).toHaveLength(1)
})

test('the body of a class is not a function', () => {
  expect(checkSizes([parseSource(path, `class Long {${lines(120)}}`)])).toEqual([])
})
