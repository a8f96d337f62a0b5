import { briefValue } from './brief-value.ts'
import { errorLine } from './error-line.ts'
import type { ExportedEffect, ExportedEntry, StoredValue } from './run-export.ts'
import { detailOf, type RunFacts } from './run-facts.ts'
import type { LineKind, TimelineLine } from './timeline-line.ts'

const ARGS_MAX = 48
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
  return [line(entry, facts, ...change(entry, facts))]
}

function attemptLine(entry: ExportedEntry, facts: RunFacts): TimelineLine {
  const effect = facts.effectOf(entry)
  const { after } = facts.around(entry)
  const args = effect === undefined ? '' : argsText(effect)
  const [kind, outcome] = outcomeOf(effect, after, facts)
  const isTimed = after !== undefined && (ENDS.has(after.kind) || after.kind === 'effect-retried')
  const tookMs = isTimed ? Date.parse(after.at) - Date.parse(entry.at) : null
  return { ...line(entry, facts, kind, `${nameOf(entry, facts)}${lifeOf(entry)}${args}${outcome}`), tookMs }
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
  const name = `effect ${nameOf(entry, facts)}`
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
  return after?.kind === 'effect-taken-over' ? ' → run again under the same key' : ''
}

function resolutionText(entry: ExportedEntry): string {
  const by = detailOf(entry, 'by')
  const note = detailOf(entry, 'note')
  const text = decisionText(detailOf(entry, 'decision'))
  const why = note === undefined ? '' : `: ${briefValue(note, RESULT_MAX)}`
  return `unknown → ${text}${typeof by === 'string' ? ` (${by}${why})` : ''}`
}

function decisionText(decision: StoredValue | undefined): string {
  if (decision === 'applied') return 'it had happened'
  if (decision === 'not_applied') return 'it had not happened'
  return 'still nobody knows'
}

function outcomeKind(entry: ExportedEntry): LineKind {
  return detailOf(entry, 'outcome') === 'succeeded' ? 'succeeded' : 'failed'
}

function argsText({ args }: ExportedEffect): string {
  const text = briefValue(args, ARGS_MAX)
  return text === '{}' || text === 'undefined' ? '' : ` ${text}`
}

function resultText(effect: ExportedEffect | undefined): string {
  if (effect?.resultKept === false) return ' → (result not kept)'
  if (effect?.result === undefined) return ''
  const text = briefValue(effect.result, RESULT_MAX)
  return text === 'undefined' ? '' : ` → ${text}`
}

/** Only what is not the first of its kind is worth a word. */
function lifeOf(entry: ExportedEntry): string {
  const recorded = Number(detailOf(entry, 'attempt') ?? 1)
  const attempt = entry.kind === 'effect-retried' ? recorded + 1 : recorded
  const generation = Number(detailOf(entry, 'generation') ?? 1)
  const words = [
    ...(generation > 1 ? [`generation ${generation}`] : []),
    ...(attempt > 1 ? [`attempt ${attempt}`] : []),
  ]
  return words.length === 0 ? '' : ` (${words.join(', ')})`
}

function nameOf(entry: ExportedEntry, facts: RunFacts): string {
  return facts.effectOf(entry)?.tool ?? String(detailOf(entry, 'tool') ?? entry.key)
}

function line(entry: ExportedEntry, facts: RunFacts, kind: LineKind, text: string): TimelineLine {
  const effect = facts.effectOf(entry)
  return { kind, text, at: Date.parse(entry.at), tookMs: null, depth: effect ? facts.depthOf(effect.lane) : 0 }
}
