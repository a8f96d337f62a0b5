import { formatUsd } from '../usd.ts'
import { briefValue } from './brief-value.ts'
import { errorLine } from './error-line.ts'
import type { ExportedAnswer, ExportedCall, ExportedCost } from './run-export.ts'
import type { RunFacts } from './run-facts.ts'
import type { LineKind, TimelineLine } from './timeline-line.ts'
import { tokensOf, tokensText } from './token-counts.ts'

const VALUE_MAX = 60

/** One line for a model call, where it began. */
export function callLine(call: ExportedCall, facts: RunFacts): TimelineLine {
  const at = Date.parse(call.startedAt)
  const [kind, outcome] = callOutcome(call, facts)
  return {
    kind,
    text: `model ${call.model}${outcome}`,
    at,
    tookMs: call.endedAt === null ? null : Date.parse(call.endedAt) - at,
    depth: facts.depthOf(call.lane),
  }
}

function callOutcome({ status, usage, cost, error }: ExportedCall, facts: RunFacts): [LineKind, string] {
  if (status === 'failed') return ['failed', `: ${[errorLine(error), ...costText(cost)].join(', ')}`]
  if (status !== 'succeeded')
    return ['pending', facts.isOver || status === 'lost' ? ': no answer recorded' : ': in progress']
  const tokens = tokensOf(usage)
  const came = [...(tokens === undefined ? [] : [tokensText(tokens)]), ...costText(cost)]
  return ['call', came.length === 0 ? '' : ` → ${came.join(', ')}`]
}

function costText(cost: ExportedCost | null): string[] {
  if (cost === null || cost.spentNano === null || cost.status === 'released') return []
  const most = cost.estimated || cost.status === 'charged' ? 'at most ' : ''
  return [`${most}${formatUsd(cost.spentNano)}`]
}

/** One line for what a perform was answered with, or nothing where an effect's own line tells it. */
export function answerLines(answer: ExportedAnswer, facts: RunFacts): TimelineLine[] {
  const told = tell(answer)
  if (told === undefined) return []
  return [{ kind: told[0], text: told[1], at: null, tookMs: null, depth: facts.depthOf(answer.lane) }]
}

function tell(answer: ExportedAnswer): [LineKind, string] | undefined {
  const { kind, name, failed, error } = answer
  switch (kind) {
    case 'hit':
      return ['served', `${name}: happened before, answered from the record`]
    case 'join':
      return ['served', `${name}: in progress already, waited for it`]
    case 'read':
      return failed ? ['failed', `${name}: ${errorLine(error)}`] : ['read', `${name}${valueText(' → ', answer)}`]
    case 'value':
      return failed ? ['failed', `${name}: ${errorLine(error)}`] : ['value', `${name}${valueText(' = ', answer)}`]
    default:
      return undefined
  }
}

function valueText(prefix: string, { value }: ExportedAnswer): string {
  return value === undefined ? '' : `${prefix}${briefValue(value, VALUE_MAX)}`
}
