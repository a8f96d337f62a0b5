import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { say, show } from './step.mjs'
import { countTests } from './test-totals.mjs'

const checks = [
  ['linting (biome ci)', 'biome', ['ci', '.']],
  ['checking the types (tsc)', 'tsc', ['-p', 'tsconfig.check.json']],
]

/** Checks the sources, runs every test, and ends with the plain total; filters run the tests they match and no more. */
export async function testJob(filters, env = {}) {
  const failedChecks = filters.length > 0 ? 0 : await runChecks()
  const totals = await runVitest(filters, env)
  const failed = totals.failed + failedChecks
  if (failedChecks > 0) say(`${failedChecks} failed before the tests: see the lint and type output above`)
  process.stdout.write(formatTotals({ ...totals, failed }))
  return failed > 0 ? 1 : 0
}

/** The plain total of a test job whose install or build failed. */
export function sayNoTestRan() {
  process.stdout.write(formatTotals({ passed: 0, failed: 1, skipped: 0 }))
}

async function runChecks() {
  let failed = 0
  for (const [title, command, args] of checks) {
    say(title)
    if ((await show(command, args)) !== 0) failed += 1
  }
  return failed
}

async function runVitest(filters, env) {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-test-'))
  const report = join(folder, 'report.json')
  say('running the tests (vitest)')
  const code = await show(
    'vitest',
    ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...filters],
    env,
  )
  const totals = countTests(readReport(report), code)
  rmSync(folder, { recursive: true, force: true })
  return totals
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

function formatTotals({ passed, failed, skipped }) {
  const line = `${passed} passed, ${failed} failed`
  return `${skipped > 0 ? `${line}, ${skipped} skipped` : line}\n`
}
