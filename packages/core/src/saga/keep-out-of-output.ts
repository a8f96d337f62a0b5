import type { Run } from '../run/run.ts'
import type { ToolSpec } from '../tool/tool-spec.ts'

/** No record takes it. */
const UNRECORDED = Symbol('results that their tools do not record')

/**
 * Keeps results that a tool does not show out of the run's own output, where nobody would know what they are. Asked again,
 * the run is gone through over its records, which keep each result as its tool says.
 */
export function keepOutOfOutput(run: Run, tools: readonly ToolSpec<unknown, unknown>[]): void {
  if (tools.some(({ record }) => record !== 'full')) run.setOutput(UNRECORDED)
}
