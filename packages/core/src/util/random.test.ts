import { expect, test } from 'vitest'
import { systemRandom } from './random.ts'

test('systemRandom stays within [0, 1)', () => {
  for (let count = 0; count < 100; count++) {
    const number = systemRandom()
    expect(number >= 0 && number < 1).toBe(true)
  }
})
