import { argsText, attemptText } from './attempt-text.ts'
import { briefValue } from './brief-value.ts'
import { errorLine } from './error-line.ts'
import type { ExportedEffect, ExportedEntry, StoredValue } from './run-export.ts'
import { detailOf, type RunFacts } from './run-facts.ts'
import type { LineKind, TimelineLine } from './timeline-line.ts'
import { undoMark } from './undo-mark.ts'

const RESULT_MAX = 60
/** What begins an attempt of an effect's body. */
const STARTS: ReadonlySet<string> = new Set(['effect-claimed', 'effect-taken-over', 'effect-retried'])
/** How an attempt that somebody saw ends. */
const ENDS: ReadonlySet<string> = new Set(['effect-succeeded', 'effect-failed'])

/**
 * What an entry about an effect adds to the timeline. An attempt is one line where it begins, its outcome included,
 * so that what happened within it stands below it.
 */
export function effectLines(entry: ExportedEntry, facts: RunFacts): TimelineLine[] {
  const { before } = facts.around(entry)
  if (STARTS.has(entry.kind)) return [attemptLine(entry, facts)]
  if (ENDS.has(entry.kind) && before && STARTS.has(before.kind)) return []
  const isLast = entry.kind !== 'late-outcome' && facts.around(entry).after === undefined
  return [{ ...line(entry, facts, ...change(entry, facts)), ...(isLast ? mark(entry, facts) : {}) }]
}

function mark(entry: ExportedEntry, facts: RunFacts): Pick<TimelineLine, 'mark'> {
  const found = undoMark(facts.effectOf(entry), entry, facts)
  return found === undefined ? {} : { mark: found }
}

function attemptLine(entry: ExportedEntry, facts: RunFacts): TimelineLine {
  const effect = facts.effectOf(entry)
  const { after } = facts.around(entry)
  const [kind, outcome] = outcomeOf(effect, after, facts)
  const isTimed = after !== undefined && (ENDS.has(after.kind) || after.kind === 'effect-retried')
  const tookMs = isTimed ? Date.parse(after.at) - Date.parse(entry.at) : null
  const text = `${facts.toolOf(entry)}${attemptText(entry)}${argsText(effect?.args)}${outcome}`
  return { ...line(entry, facts, kind, text), tookMs, ...(kind === 'succeeded' ? mark(entry, facts) : {}) }
}

/** What the attempt came to, by the next thing that the log tells of its effect. */
function outcomeOf(
  effect: ExportedEffect | undefined,
  after: ExportedEntry | undefined,
  facts: RunFacts,
): [LineKind, string] {
  switch (after?.kind) {
    case undefined:
      return ['pending', facts.isOver ? ': no outcome recorded' : ': in progress']
    case 'effect-succeeded':
      return ['succeeded', resultText(effect)]
    case 'effect-failed':
      // The row keeps the error of its last failure only.
      return ['failed', effect?.status === 'failed' ? `: ${errorLine(effect.error)}` : ': failed']
    case 'effect-retried':
      return ['again', `: ${errorLine(detailOf(after, 'error'))}, to be tried again`]
    case 'approval-requested':
      return ['pending', ': not executed, a human is asked first']
    case 'effect-unknown':
      return [
        'unknown',
        detailOf(after, 'reason') === 'in_doubt' && effect?.error
          ? `: ${errorLine(effect.error)}`
          : ': no outcome recorded',
      ]
    default:
      return ['unknown', ': no outcome recorded']
  }
}

/** Changes of an effect that are no attempt of its body. */
function change(entry: ExportedEntry, facts: RunFacts): [LineKind, string] {
  const name = `effect ${facts.toolOf(entry)}`
  switch (entry.kind) {
    case 'effect-unknown':
      return ['unknown', `${name}: outcome unknown${fateText(facts.around(entry).after)}`]
    case 'effect-resolved':
      return ['run', `${name}: ${resolutionText(entry)}`]
    case 'effect-evidence':
      return [outcomeKind(entry), `${name}: its late answer settled it: ${String(detailOf(entry, 'outcome'))}`]
    case 'late-outcome':
      return [
        'warning',
        `${name}: an answer came after it was taken over: ${String(detailOf(entry, 'outcome'))}, kept for whoever asks`,
      ]
    default:
      return [entry.kind === 'effect-failed' ? 'failed' : 'succeeded', `${name}: ${entry.kind.replace('effect-', '')}`]
  }
}

function fateText(after: ExportedEntry | undefined): string {
  if (after?.kind === 'approval-requested') return ' → a human is asked whether to run it again'
  return after?.kind === 'effect-taken-over' ? ' → run again under the same key' : ''
}

function resolutionText(entry: ExportedEntry): string {
  const by = detailOf(entry, 'by')
  const note = detailOf(entry, 'note')
  const text = decisionText(detailOf(entry, 'decision'))
  const why = note === undefined ? '' : `: ${briefValue(note, RESULT_MAX)}`
  const was = detailOf(entry, 'decision') === 'compensated' ? 'compensation failed' : 'unknown'
  return `${was} → ${text}${typeof by === 'string' ? ` (${by}${why})` : ''}`
}

function decisionText(decision: StoredValue | undefined): string {
  if (decision === 'applied') return 'it had happened'
  if (decision === 'not_applied') return 'it had not happened'
  if (decision === 'compensated') return 'it was undone outside'
  return 'still nobody knows'
}

function outcomeKind(entry: ExportedEntry): LineKind {
  return detailOf(entry, 'outcome') === 'succeeded' ? 'succeeded' : 'failed'
}

function resultText(effect: ExportedEffect | undefined): string {
  if (effect?.resultKept === false) return ' → (result not kept)'
  if (effect?.result === undefined) return ''
  const text = briefValue(effect.result, RESULT_MAX)
  return text === 'undefined' ? '' : ` → ${text}`
}

function line(entry: ExportedEntry, facts: RunFacts, kind: LineKind, text: string): TimelineLine {
  const effect = facts.effectOf(entry)
  return { kind, text, at: Date.parse(entry.at), tookMs: null, depth: effect ? facts.depthOf(effect.lane) : 0 }
}
