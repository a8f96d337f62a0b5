import { formatUsd } from '../usd.ts'
import type { ExportedEntry } from './run-export.ts'
import { detailOf } from './run-facts.ts'
import type { LineKind, TimelineLine } from './timeline-line.ts'

/** One line for what became of money that was put aside, or for a part of a limit that was reached. */
export function holdLines(entry: ExportedEntry): TimelineLine[] {
  const told = tell(entry)
  return told === undefined ? [] : [{ kind: told[0], text: told[1], at: Date.parse(entry.at), tookMs: null, depth: 0 }]
}

/** Calls tell of their holds themselves. */
function tell(entry: ExportedEntry): [LineKind, string] | undefined {
  const label = String(detailOf(entry, 'label') ?? 'a call')
  switch (entry.kind) {
    case 'hold-opened':
      return ['call', `${amountIn(entry)} put aside for ${label}`]
    case 'hold-settled':
      return ['call', `${label} cost ${amountIn(entry)}`]
    case 'hold-released':
      return ['value', `what was put aside for ${label} was given back`]
    case 'hold-charged':
      return ['warning', `nobody said what ${label} cost: ${amountIn(entry)} counts, all that was put aside`]
    case 'hold-corrected':
      return ['value', `a call that was over turned out to cost ${amountIn(entry)}`]
    case 'threshold-reached':
      return ['warning', thresholdText(entry)]
    default:
      return undefined
  }
}

function amountIn(entry: ExportedEntry): string {
  const nano = detailOf(entry, 'nano')
  return formatUsd(typeof nano === 'number' ? nano : null)
}

function thresholdText(entry: ExportedEntry): string {
  const [threshold, what, scope] = ['threshold', 'what', 'scope'].map((name) => detailOf(entry, name))
  const part = typeof threshold === 'number' ? `${Number((threshold * 100).toFixed(2))}%` : 'a part'
  return `${part} of the ${what === 'budget' ? 'budget' : `limit of ${String(what)}`} of ${String(scope)} is used`
}
