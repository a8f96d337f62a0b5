import { argsText, attemptText } from './attempt-text.ts'
import { errorLine } from './error-line.ts'
import type { ExportedEntry } from './run-export.ts'
import { detailOf, type RunFacts } from './run-facts.ts'
import type { LineKind, TimelineLine } from './timeline-line.ts'

/** What begins an execution of a compensation. */
const STARTS: ReadonlySet<string> = new Set(['compensation-claimed', 'compensation-retried'])

/**
 * What an entry about undoing an effect adds to the timeline, where it happened. An execution of a compensation is one
 * line where it begins, its outcome included.
 */
export function undoLines(entry: ExportedEntry, facts: RunFacts): TimelineLine[] {
  const { before, after } = facts.aroundUndo(entry)
  if (STARTS.has(entry.kind)) return [executionLine(entry, after, facts)]
  if (before && STARTS.has(before.kind)) return []
  return [line(entry, ...withoutExecution(entry, facts))]
}

function executionLine(entry: ExportedEntry, after: ExportedEntry | undefined, facts: RunFacts): TimelineLine {
  const [kind, outcome] = outcomeOf(after, facts)
  const isTimed = after !== undefined && after.kind !== 'compensation-claimed'
  const tookMs = isTimed ? Date.parse(after.at) - Date.parse(entry.at) : null
  const args = argsText(facts.effectOf(entry)?.args)
  return { ...line(entry, kind, `compensate ${facts.toolOf(entry)}${attemptText(entry)}${args}${outcome}`), tookMs }
}

/** What the execution came to, by the next thing that the log tells of undoing the effect. */
function outcomeOf(after: ExportedEntry | undefined, facts: RunFacts): [LineKind, string] {
  switch (after?.kind) {
    case undefined:
      return ['pending', facts.isOver ? ': no outcome recorded' : ': in progress']
    case 'effect-compensated':
      return ['undone', '']
    case 'compensation-failed':
      return ['failed', `: ${errorLine(detailOf(after, 'error'))}`]
    case 'compensation-retried':
      return ['again', `: ${errorLine(detailOf(after, 'error'))}, to be tried again`]
    default:
      return ['unknown', ': no outcome recorded']
  }
}

/** Undone, or not, by something else than an execution of its own compensation. */
function withoutExecution(entry: ExportedEntry, facts: RunFacts): [LineKind, string] {
  const name = `effect ${facts.toolOf(entry)}`
  if (entry.kind !== 'effect-compensated') return ['failed', `${name}: ${errorLine(detailOf(entry, 'error'))}`]
  const by = facts.toolOfEffect(Number(detailOf(entry, 'by')))
  return ['undone', `${name}: compensated with ${by ?? 'what it was part of'}`]
}

function line(entry: ExportedEntry, kind: LineKind, text: string): TimelineLine {
  return { kind, text, at: Date.parse(entry.at), tookMs: null, depth: 0 }
}
