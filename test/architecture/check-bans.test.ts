import { expect, test } from 'vitest'
import { checkClock } from './check-clock.ts'
import { checkComments } from './check-comments.ts'
import { checkConsole } from './check-console.ts'
import { checkEnums } from './check-enums.ts'
import { checkEnvironment } from './check-environment.ts'
import { checkExports } from './check-exports.ts'
import { checkRandom } from './check-random.ts'
import { checkTimers } from './check-timers.ts'
import { parseSource } from './parsed-source.ts'

const run = 'packages/core/src/run/run.ts'
const util = 'packages/core/src/util/clock.ts'

test.each([
  [checkClock, 'Date.now()'],
  [checkClock, "globalThis.Date['now']()"],
  [checkClock, 'const { now } = Date'],
  [checkClock, 'new Date()'],
  [checkClock, 'Date()'],
  [checkClock, 'const read = Date.now'],
  [checkClock, "import { performance } from 'node:perf_hooks'; performance.now()"],
  [checkClock, 'process.hrtime.bigint()'],
  [checkRandom, 'Math.random()'],
  [checkRandom, 'globalThis.crypto.randomUUID()'],
  [checkRandom, "import { randomUUID as id } from 'node:crypto'"],
  [checkTimers, 'setTimeout(() => {}, 1)'],
  [checkTimers, 'const later = globalThis.setImmediate'],
  [checkTimers, 'const wait = { setInterval }'],
  [checkTimers, "import { scheduler } from 'node:timers/promises'"],
  [checkTimers, 'AbortSignal.timeout(5)'],
  [checkEnvironment, 'process.env.HOME'],
  [checkEnvironment, "import { env } from 'node:process'"],
  [checkEnvironment, 'const { env } = globalThis.process'],
  [checkConsole, "console.log('hello')"],
  [checkConsole, "globalThis.console.warn('hello')"],
  [checkEnums, 'export enum Color { Red }'],
  [checkEnums, 'const enum Color { Red }'],
  [checkComments, '// TODO: finish'],
  [checkComments, '/* FIXME */'],
  [checkExports, 'export default 1'],
  [checkExports, 'const a = 1; export { a as default }'],
  [checkExports, "export * from './other.ts'"],
  [checkExports, "export * as other from './other.ts'"],
])('%o refuses %s', (check, text) => {
  expect(check([parseSource(run, text)])).toHaveLength(1)
})

test.each([
  [checkClock, 'clock.now(); new Date(0); record.Date'],
  [checkRandom, "import { createHash } from 'node:crypto'; options.random()"],
  [checkTimers, 'clock.setTimeout(1); const names = { setTimeout: 1 }'],
  [checkEnvironment, 'process.pid; options.env'],
  [checkConsole, 'options.console.log()'],
  [checkEnums, "const colors = ['red'] as const"],
  [checkComments, "const word = 'TODO' // an open matter"],
  [checkExports, "export { a } from './a.ts'"],
])('%o allows %s', (check, text) => {
  expect(check([parseSource(run, text)])).toEqual([])
})

test('clock, chance and timers are at home in util', () => {
  const source = parseSource(util, 'Date.now(); Math.random(); setTimeout(() => {}, 1)')
  expect([checkClock, checkRandom, checkTimers].flatMap((check) => check([source]))).toEqual([])
})

test('the environment is read in config, and the command line prints', () => {
  const config = parseSource('packages/core/src/config/from-environment.ts', 'process.env.HOLDFAST_DB_URL')
  const cli = parseSource('packages/cli/src/main.ts', "console.log('done')")
  expect([...checkEnvironment([config]), ...checkConsole([cli])]).toEqual([])
})

test('a violation names the file, the line and the ban', () => {
  expect(checkConsole([parseSource(run, '\n\nconsole.log()')])).toEqual([`${run}:3 console outside the cli`])
})

test('a source that does not parse is an error and not a clean file', () => {
  expect(() => parseSource(run, 'const = 1')).toThrow(run)
})
