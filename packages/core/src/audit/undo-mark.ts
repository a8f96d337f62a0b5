import type { ExportedEffect, ExportedEntry } from './run-export.ts'
import type { RunFacts } from './run-facts.ts'
import type { UndoMark } from './timeline-line.ts'

/** What has become of an effect since, for the line on which it happened; nothing if nobody meant to undo it. */
export function undoMark(
  effect: ExportedEffect | undefined,
  entry: ExportedEntry,
  facts: RunFacts,
): UndoMark | undefined {
  switch (effect?.status) {
    case 'compensated':
      return { kind: 'undone', text: 'compensated' }
    case 'compensation_failed':
      return { kind: 'failed', text: 'compensation failed' }
    case 'compensating':
      return { kind: 'pending', text: 'being compensated' }
    case 'succeeded':
    case 'unknown':
      return facts.isUndoneAfter(entry) ? leftMark(effect, facts) : undefined
    default:
      return undefined
  }
}

/** Its run has been compensated, or is at it, and nothing was done about this one. */
function leftMark({ irreversible }: ExportedEffect, { isOver }: RunFacts): UndoMark {
  if (irreversible) return { kind: 'irreversible', text: 'irreversible' }
  return isOver ? { kind: 'failed', text: 'not compensated' } : { kind: 'pending', text: 'to be compensated' }
}
