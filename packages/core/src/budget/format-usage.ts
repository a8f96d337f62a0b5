import { numberText } from '../errors/limit-text.ts'
import { formatUsd } from '../usd.ts'
import type { Usage, UsedLimit } from './usage-view.ts'

type Line = readonly string[]

/** What a scope has used, as lines that a person reads: first all of it, then what is left of each limit. */
export function formatUsage(usage: Usage): string {
  const { scope, spent, held, remaining, tokens, calls } = usage
  const left = remaining === undefined ? '' : `, ${formatUsd(remaining)} left`
  const total = `${scope}: ${formatUsd(spent)} spent, ${formatUsd(held)} held${left}; ${numberText(tokens)} tokens, ${numberText(calls)} ${calls === 1 ? 'call' : 'calls'}`
  return [total, ...aligned(usage.limits.flatMap(linesOf))].join('\n')
}

function linesOf(used: UsedLimit): readonly Line[] {
  const { limit, spent, held, remaining } = used
  const end = [periodOf(used), resetOf(used)]
  const line = (what: string, most: number, gone: number, aside: number): Line => {
    const numbers = [
      `${numberText(gone)} used`,
      `${numberText(aside)} held`,
      `${numberText(Math.max(0, most - gone - aside))} left`,
    ]
    return [used.scope, `${numberText(most)} ${what}`, ...numbers, ...end]
  }
  const lines: Line[] = []
  if (limit.budget !== undefined) {
    const amounts = [`${formatUsd(spent)} spent`, `${formatUsd(held)} held`, `${formatUsd(remaining)} left`]
    lines.push([used.scope, formatUsd(limit.budget), ...amounts, ...end])
  }
  if (limit.tokens !== undefined) lines.push(line('tokens', limit.tokens, used.tokens, used.heldTokens))
  if (limit.calls !== undefined) lines.push(line('calls', limit.calls, used.calls, 0))
  if (limit.effects !== undefined) lines.push(line('effects', limit.effects, used.effects ?? 0, 0))
  for (const [tool, { effects }] of Object.entries(limit.tools ?? {}))
    if (effects !== undefined) lines.push(line(`of ${tool}`, effects, used.tools[tool] ?? 0, 0))
  return lines
}

function periodOf({ limit: { window, mode } }: UsedLimit): string {
  const soft = mode === 'soft' ? ' (soft)' : ''
  if (window === undefined) return `ever${soft}`
  return 'rollingMs' in window ? `per ${numberText(window.rollingMs / 1_000)} s${soft}` : `per ${window.every}${soft}`
}

function resetOf({ resetsAt }: UsedLimit): string {
  return resetsAt === undefined ? '' : `until ${resetsAt.toISOString()}`
}

function aligned(lines: readonly Line[]): readonly string[] {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  return lines.map((line) => `  ${line.map((text, column) => text.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())
}
