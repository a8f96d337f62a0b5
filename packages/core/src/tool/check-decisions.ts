import { ConfigError } from '../errors/config-error.ts'
import type { ToolSpec } from './tool-spec.ts'

/** Refuses what contradicts itself about compensating, approving and recording a tool. Throws `ConfigError`. */
export function checkDecisions<Args, Result>(spec: ToolSpec<Args, Result>): void {
  const { compensate, covers, keep, record } = spec
  const fail = (what: string): never => {
    throw new ConfigError(`tool '${spec.name}': ${what}`)
  }
  const isCompensated = compensate !== undefined
  if (isCompensated && typeof compensate !== 'function' && (typeof compensate !== 'string' || compensate === ''))
    fail('`compensate` must be a function, or the name of a tool.')
  if (spec.effect === 'read' && isCompensated) fail('a read has nothing to compensate; make it a write.')
  if (spec.effect === 'read' && spec.approval !== undefined)
    fail('a read executes every time, so nobody could approve it once; make it a write.')
  if (covers !== undefined && covers !== 'inner') fail(`\`covers\` is '${String(covers)}'; the only choice is 'inner'.`)
  if (covers !== undefined && !isCompensated) fail('`covers` says what `compensate` undoes, and there is none.')
  if (keep !== undefined && typeof keep !== 'function') fail('`keep` must be a function of the result.')
  if (keep !== undefined && !isCompensated) fail('`keep` is for `compensate`, and there is none.')
  if (record !== 'hash') return
  if (isCompensated && keep === undefined)
    fail("with record: 'hash' the result is dropped, so `compensate` needs `keep`: what it is to be given instead.")
  if (typeof compensate === 'string')
    fail(
      `with record: 'hash' the arguments are dropped, which '${compensate}' would be called with; give \`compensate\` as a function of what \`keep\` keeps.`,
    )
  if (spec.once !== 'run')
    fail(`with record: 'hash' the result is dropped, so later callers of once: '${spec.once}' could not be answered.`)
}
