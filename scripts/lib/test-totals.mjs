/**
 * Adds up a vitest JSON report over all projects.
 * A run that failed never counts as clean: no report, no test at all, a file that could not be loaded or an
 * error outside any test is at least one failure.
 */
export function countTests(report, exitCode) {
  if (!report) return { passed: 0, failed: 1, skipped: 0 }
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  )
  const passed = report.numPassedTests
  const failed = report.numFailedTests + brokenFiles.length
  const unexplained = failed === 0 && (exitCode !== 0 || passed === 0) ? 1 : 0
  return { passed, failed: failed + unexplained, skipped: report.numPendingTests + report.numTodoTests }
}
