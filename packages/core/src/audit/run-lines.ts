import { briefValue } from './brief-value.ts'
import { errorLine } from './error-line.ts'
import type { ExportedEntry, ExportedRun } from './run-export.ts'
import { detailOf, type RunFacts } from './run-facts.ts'
import type { LineKind, TimelineLine } from './timeline-line.ts'

const VALUE_MAX = 60

/** What an entry about the run itself adds to the timeline; nothing for what other lines tell. */
export function runLines(entry: ExportedEntry, run: ExportedRun, facts: RunFacts): TimelineLine[] {
  const told = tell(entry, run, facts)
  return told === undefined ? [] : [{ kind: told[0], text: told[1], at: Date.parse(entry.at), tookMs: null, depth: 0 }]
}

function tell(entry: ExportedEntry, run: ExportedRun, facts: RunFacts): [LineKind, string] | undefined {
  switch (entry.kind) {
    case 'run-opened':
      return ['run', `run opened${valueText(' with ', run.input)}`]
    case 'run-resumed':
      return ['again', `run resumed (${lifeOf(entry)}): ${reasonOf(entry, facts.lifeBefore(entry))}`]
    case 'run-retried':
      return ['again', `run retried (${lifeOf(entry)})`]
    case 'run-closed':
      return closedText(entry, run)
    case 'run-released':
      return ['run', releasedText(facts.lifeBefore(entry))]
    case 'run-waiting':
      return ['asked', 'run waits for a decision: the same id goes on with it']
    case 'run-compensating':
      return compensatingText(entry, run, facts)
    case 'run-halted':
      return ['failed', `run halted: ${errorLine(detailOf(entry, 'error') ?? run.halt)}`]
    case 'run-canceled':
      return ['failed', `run canceled: ${errorLine(detailOf(entry, 'error') ?? run.error)}`]
    case 'divergence':
      return ['warning', `differs from the record at ${String(detailOf(entry, 'path') ?? 'an unknown place')}`]
    case 'unprotected':
      return ['warning', `unprotected, the store was out of reach${valueText(': ', entry.detail)}`]
    case 'bodies-dropped':
      return ['value', `arguments and results dropped${valueText(': ', entry.detail)}`]
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
  if (status === 'compensated') return ['undone', 'run compensated']
  if (status === 'compensation_failed') return ['failed', 'run compensation_failed: not all that it did is undone']
  if (status === 'completed') return ['succeeded', `run completed${isLast ? outputText(run) : ''}`]
  return ['failed', `run ${status}${isLast && run.error ? `: ${errorLine(run.error)}` : ''}`]
}

/** Right after the failure, by somebody who took it over, or on demand after the run had ended or while it waited. */
function compensatingText(entry: ExportedEntry, run: ExportedRun, facts: RunFacts): [LineKind, string] {
  const before = facts.lifeBefore(entry)?.kind
  // One that is running is never released to whoever compensates: it is opened before.
  if (before === 'run-compensating' || before === 'run-released')
    return ['again', `compensation taken over (${epochOf(entry)})`]
  if (before === 'run-waiting' || before === 'run-closed' || before === 'run-canceled')
    return ['again', `compensation asked for (${epochOf(entry)})`]
  const what = detailOf(entry, 'aborted') === true ? 'run aborted' : 'run failed'
  return [
    'failed',
    `${what}${facts.isLastAttempt(entry) && run.error ? `: ${errorLine(run.error)}` : ''} → compensating`,
  ]
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
  return `attempt ${String(detailOf(entry, 'attempt') ?? '?')}, ${epochOf(entry)}`
}

function releasedText(before: ExportedEntry | undefined): string {
  if (before?.kind === 'run-compensating') return 'compensation let go: whoever has the tools goes on with it'
  return 'run let go: the same id goes on with it'
}

function epochOf(entry: ExportedEntry): string {
  return `epoch ${String(detailOf(entry, 'epoch') ?? '?')}`
}

/** Why somebody else could go on with it; an entry without a reason says only that nobody had it. */
function reasonOf(entry: ExportedEntry, before: ExportedEntry | undefined): string {
  const reason = detailOf(entry, 'reason')
  if (reason === 'dead') return 'owner died'
  if (reason === 'lease') return 'its lease ran out'
  if (before?.kind === 'run-waiting') return 'it had waited for a decision'
  return before?.kind === 'run-released' ? 'it had been let go' : 'its owner was gone'
}
