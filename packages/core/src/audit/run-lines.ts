import { briefValue } from './brief-value.ts'
import { errorLine } from './error-line.ts'
import type { ExportedEntry, ExportedRun } from './run-export.ts'
import { detailOf } from './run-facts.ts'
import type { LineKind, TimelineLine } from './timeline-line.ts'

const VALUE_MAX = 60

/** What an entry about the run itself adds to the timeline; nothing for what other lines tell. */
export function runLines(entry: ExportedEntry, run: ExportedRun, before: ExportedEntry | undefined): TimelineLine[] {
  const told = tell(entry, run, before)
  return told === undefined ? [] : [{ kind: told[0], text: told[1], at: Date.parse(entry.at), tookMs: null, depth: 0 }]
}

function tell(
  entry: ExportedEntry,
  run: ExportedRun,
  before: ExportedEntry | undefined,
): [LineKind, string] | undefined {
  switch (entry.kind) {
    case 'run-opened':
      return ['run', `run opened${valueText(' with ', run.input)}`]
    case 'run-resumed':
      return ['again', `run resumed (${lifeOf(entry)}): ${reasonOf(entry, before)}`]
    case 'run-retried':
      return ['again', `run retried (${lifeOf(entry)})`]
    case 'run-closed':
      return closedText(entry, run)
    case 'run-released':
      return ['run', 'run let go: the same id goes on with it']
    case 'run-halted':
      return ['failed', `run halted: ${errorLine(detailOf(entry, 'error') ?? run.halt)}`]
    case 'run-canceled':
      return ['failed', `run canceled: ${errorLine(detailOf(entry, 'error') ?? run.error)}`]
    case 'divergence':
      return ['warning', `differs from the record at ${String(detailOf(entry, 'path') ?? 'an unknown place')}`]
    case 'unprotected':
      return ['warning', `unprotected, the store was out of reach${valueText(': ', entry.detail)}`]
    case 'note':
      return ['value', `note${valueText(': ', entry.detail)}`]
    default:
      return undefined
  }
}

/** The run's own row tells how its last attempt ended; an earlier one's end is in the log alone. */
function closedText(entry: ExportedEntry, run: ExportedRun): [LineKind, string] {
  const status = String(detailOf(entry, 'status') ?? run.status)
  const isLast = run.endedAt !== null && Date.parse(run.endedAt) <= Date.parse(entry.at)
  if (status === 'completed') return ['succeeded', `run completed${isLast ? outputText(run) : ''}`]
  return ['failed', `run ${status}${isLast && run.error ? `: ${errorLine(run.error)}` : ''}`]
}

function outputText({ output, outputKept }: ExportedRun): string {
  return outputKept ? valueText(' → ', output) : ' → (output not kept)'
}

function valueText(prefix: string, value: ExportedEntry['detail']): string {
  if (value === undefined) return ''
  const text = briefValue(value, VALUE_MAX)
  return text === 'undefined' ? '' : prefix + text
}

function lifeOf(entry: ExportedEntry): string {
  return `attempt ${String(detailOf(entry, 'attempt') ?? '?')}, epoch ${String(detailOf(entry, 'epoch') ?? '?')}`
}

/** Why somebody else could go on with it; an entry without a reason says only that nobody had it. */
function reasonOf(entry: ExportedEntry, before: ExportedEntry | undefined): string {
  const reason = detailOf(entry, 'reason')
  if (reason === 'dead') return 'owner died'
  if (reason === 'lease') return 'its lease ran out'
  return before?.kind === 'run-released' ? 'it had been let go' : 'its owner was gone'
}
