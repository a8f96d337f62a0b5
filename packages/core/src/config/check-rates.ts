import { ConfigError } from '../errors/config-error.ts'
import { checkOptionNames } from '../errors/option-names.ts'
import { isWellFormed } from '../util/well-formed.ts'
import { type Limits, listOf, type OneOrMany, type RateLimit, type ToolLimits, type ToolRateLimit } from './limits.ts'

const RATED = ['calls', 'effects', 'tokens'] as const

/** Refuses rates and limits of tools that nothing could keep. Throws `ConfigError` that names the field. */
export function checkRates(where: string, { rate, tools }: Limits): void {
  checkRate(where, rate, RATED)
  if (tools === undefined) return
  if (typeof tools !== 'object' || tools === null || Array.isArray(tools))
    throw new ConfigError(
      `${where}: \`tools\` is an object by tool names. Nothing was started. Write { refund: { effects: 3 } }.`,
    )
  for (const [tool, limits] of Object.entries(tools)) checkTool(`${where}: tools['${tool}']`, tool, limits)
}

function checkTool(where: string, tool: string, limits: ToolLimits): void {
  if (typeof limits !== 'object' || limits === null)
    throw new ConfigError(`${where} is an object such as { effects: 3 }. Nothing was started.`)
  if (tool === '' || !isWellFormed(tool))
    throw new ConfigError(`${where}: no tool can have that name. Nothing was started. Name a tool.`)
  checkOptionNames(where, limits, ['effects', 'rate'])
  if (limits.effects !== undefined) checkPositive(where, 'effects', limits.effects)
  checkRate(where, limits.rate, ['effects'])
}

function checkRate(
  where: string,
  rate: OneOrMany<RateLimit | ToolRateLimit> | undefined,
  rated: readonly (typeof RATED)[number][],
): void {
  if (rate === undefined) return
  const list = listOf(rate) as readonly RateLimit[]
  for (const [index, one] of list.entries())
    checkOne(list === rate ? `${where}: rate[${index}]` : `${where}: rate`, one, rated)
}

function checkOne(where: string, rate: RateLimit, rated: readonly (typeof RATED)[number][]): void {
  if (typeof rate !== 'object' || rate === null)
    throw new ConfigError(`${where} is an object such as { ${rated[0]}: 60, perMs: 60_000 }. Nothing was started.`)
  checkOptionNames(where, rate, [...rated, 'perMs', 'burst'])
  const named = rated.filter((name) => rate[name] !== undefined)
  if (named.length === 0)
    throw new ConfigError(`${where} says nothing of ${rated.join(', ')}. Nothing was started. Say how many of them.`)
  for (const name of [...named, 'perMs'] as const) checkPositive(where, name, rate[name])
  if (rate.burst === undefined) return
  checkPositive(where, 'burst', rate.burst)
  if (named.length > 1)
    throw new ConfigError(
      `${where}: \`burst\` is of one thing, and ${named.join(' and ')} are given. Nothing was started. Make it a list of rates.`,
    )
}

function checkPositive(where: string, name: string, count: number | undefined): void {
  if (Number.isSafeInteger(count) && (count as number) > 0) return
  throw new ConfigError(
    `${where}: \`${name}\` must be an integer above 0; it is ${String(count)}. Nothing was started.`,
  )
}
