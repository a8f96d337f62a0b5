import { ConfigError } from '../errors/config-error.ts'
import { checkOptionNames } from '../errors/option-names.ts'
import type { PerformOptions } from '../tool/tool.ts'
import type { ToolSpec } from '../tool/tool-spec.ts'

const ANSWER = ['approve', 'by', 'reason']

/** What a call says about its approval, and cannot mean, must not be taken for a yes or for nothing. Throws `ConfigError`. */
export function checkApprovalOptions(tool: ToolSpec<unknown, unknown>, { approval, answer }: PerformOptions): void {
  const fail = (what: string): never => {
    throw new ConfigError(`tool '${tool.name}': ${what} Nothing was started.`)
  }
  if (approval !== undefined && typeof approval !== 'boolean')
    fail(`\`approval\` of a call is '${String(approval)}'; it must be true or false.`)
  if (approval === true && tool.effect === 'read')
    fail('a read executes every time, so nobody could approve it once; make it a write.')
  if (answer === undefined) return
  if (typeof answer !== 'object' || answer === null || typeof answer.approve !== 'boolean')
    fail('`answer` of a call must be an object such as { approve: true }; `approve` is true or false.')
  checkOptionNames(`tool '${tool.name}': answer of a call`, answer, ANSWER)
  for (const name of ['by', 'reason'] as const)
    if (answer[name] !== undefined && typeof answer[name] !== 'string') fail(`\`answer.${name}\` is no text.`)
}
