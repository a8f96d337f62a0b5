import { expect, test } from 'vitest'
import { countTests } from './test-totals.mjs'

const clean = { numPassedTests: 3, numFailedTests: 0, numPendingTests: 1, numTodoTests: 1, testResults: [] }

test('counts what passed, failed and was skipped', () => {
  expect(countTests(clean, 0)).toEqual({ passed: 3, failed: 0, skipped: 2 })
  expect(countTests({ ...clean, numFailedTests: 2 }, 1)).toEqual({ passed: 3, failed: 2, skipped: 2 })
})

test('a file that could not be loaded is a failure', () => {
  const broken = { ...clean, testResults: [{ status: 'failed', assertionResults: [] }] }
  expect(countTests(broken, 1).failed).toBe(1)
})

test('a file whose tests failed is not counted a second time', () => {
  const testResults = [{ status: 'failed', assertionResults: [{ status: 'failed' }] }]
  expect(countTests({ ...clean, numFailedTests: 1, testResults }, 1).failed).toBe(1)
})

test.each([
  ['no report', undefined, 0],
  ['an exit code that no test explains', clean, 1],
  ['no test at all', { ...clean, numPassedTests: 0 }, 0],
])('%s is a failure', (_what, report, exitCode) => {
  expect(countTests(report, exitCode).failed).toBe(1)
})
