import { expect, test } from 'vitest'
import { childPath } from './json-path.ts'

test('childPath writes what one would write in code', () => {
  expect(childPath(childPath(childPath('', 'messages'), 2), 'content')).toBe('messages[2].content')
  expect(childPath('a', 'b c')).toBe('a["b c"]')
  expect(childPath('', 0)).toBe('[0]')
})
