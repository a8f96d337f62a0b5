import { expect, test } from 'vitest'
import { checkAdapters } from './check-adapters.ts'
import { checkClock } from './check-clock.ts'
import { checkComments } from './check-comments.ts'
import { checkConsole } from './check-console.ts'
import { checkCycles } from './check-cycles.ts'
import { checkEnums } from './check-enums.ts'
import { checkEnvironment } from './check-environment.ts'
import { checkExports } from './check-exports.ts'
import { checkLayering } from './check-layering.ts'
import { checkRandom } from './check-random.ts'
import { checkSizes } from './check-sizes.ts'
import { checkTimers } from './check-timers.ts'
import { readSources } from './read-sources.ts'

const sources = readSources()

test('there are sources to check', () => {
  expect(sources.map(({ path }) => path)).toContain('packages/core/src/store/store.ts')
})

test.each([
  ['imports go down the layers only', checkLayering],
  ['adapters stand on the root of core, the wire and their SDK', checkAdapters],
  ['no modules load each other in a circle', checkCycles],
  ['the clock is read in util only', checkClock],
  ['chance comes from util only', checkRandom],
  ['timers start in util only', checkTimers],
  ['the environment is read in config and the cli only', checkEnvironment],
  ['nothing but the cli prints', checkConsole],
  ['there are no enums', checkEnums],
  ['no comment promises work', checkComments],
  ['exports are named, one by one', checkExports],
  ['files and functions stay small', checkSizes],
])('%s', (_rule, check) => {
  expect(check(sources)).toEqual([])
})
