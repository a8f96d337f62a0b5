import { argsText } from './attempt-text.ts'
import { briefValue } from './brief-value.ts'
import { durationText } from './duration-text.ts'
import type { ExportedApproval, ExportedEntry } from './run-export.ts'
import { detailOf, type RunFacts } from './run-facts.ts'
import type { LineKind, TimelineLine } from './timeline-line.ts'

const WORDS_MAX = 60

/** The line of a question put to a human, or of what became of it. */
export function approvalLine(entry: ExportedEntry, facts: RunFacts): TimelineLine {
  const [kind, text] = tell(entry, facts.approvalOf(entry))
  const lane = facts.effectOf(entry)?.lane
  const depth = lane === undefined ? 0 : facts.depthOf(lane)
  return { kind, text: `${facts.toolOf(entry)}${text}`, at: Date.parse(entry.at), tookMs: null, depth }
}

function tell(entry: ExportedEntry, approval: ExportedApproval | undefined): [LineKind, string] {
  switch (entry.kind) {
    case 'approval-requested': {
      const asked = argsText(approval?.originalArgs ?? approval?.args)
      return ['asked', `${asked}: needs an approval${wordsText(entry)}${openText(entry)}`]
    }
    case 'approval-approved':
      return ['succeeded', `: approved${byText(entry)}${editText(entry, approval)}${wordsText(entry)}`]
    case 'approval-denied':
      return ['failed', `: denied${byText(entry)}${wordsText(entry)}`]
    case 'approval-expired':
      return ['warning', ': nobody decided in time']
    default:
      return ['warning', `: the question was canceled${byText(entry)}${wordsText(entry)}`]
  }
}

function byText(entry: ExportedEntry): string {
  const by = detailOf(entry, 'by')
  return typeof by === 'string' ? ` by ${by}` : ''
}

function wordsText(entry: ExportedEntry): string {
  const reason = detailOf(entry, 'reason')
  return typeof reason === 'string' ? `: ${briefValue(reason, WORDS_MAX)}` : ''
}

function editText(entry: ExportedEntry, approval: ExportedApproval | undefined): string {
  return detailOf(entry, 'edited') === true ? `, but with${argsText(approval?.args) || ' other arguments'}` : ''
}

function openText(entry: ExportedEntry): string {
  const expiresAt = detailOf(entry, 'expiresAt')
  return typeof expiresAt === 'number' ? ` (open for ${durationText(expiresAt - Date.parse(entry.at))})` : ''
}
