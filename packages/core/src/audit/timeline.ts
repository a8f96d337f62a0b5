import { approvalLine } from './approval-lines.ts'
import { answerLines, callLine } from './call-lines.ts'
import { effectLines } from './effect-lines.ts'
import { holdLines } from './hold-lines.ts'
import type { ExportedCall, ExportedEntry, ExportedRun, RunExport } from './run-export.ts'
import { RunFacts } from './run-facts.ts'
import { runLines } from './run-lines.ts'
import type { TimelineLine } from './timeline-line.ts'
import { undoLines } from './undo-lines.ts'

/** What happened in a run, in the order of its log: what comes between two entries stands between their lines. */
export function timelineOf(exported: RunExport): TimelineLine[] {
  const { run, entries } = exported
  const facts = new RunFacts(exported)
  const inserted = insertedLines(exported, facts)
  return entries.flatMap((entry) => [...ownLines(entry, run, facts), ...(inserted.get(entry.number) ?? [])])
}

function ownLines(entry: ExportedEntry, run: ExportedRun, facts: RunFacts): TimelineLine[] {
  const { kind } = entry
  if (kind.startsWith('compensation-') || kind === 'effect-compensated') return undoLines(entry, facts)
  if (kind.startsWith('approval-')) return [approvalLine(entry, facts)]
  if (kind.startsWith('effect-') || kind === 'late-outcome') return effectLines(entry, facts)
  if (kind.startsWith('hold-') || kind === 'threshold-reached') return holdLines(entry)
  return runLines(entry, run, facts)
}

/** Lines of what has no entry of its own, by the number of the entry that they come after. */
function insertedLines(exported: RunExport, facts: RunFacts): ReadonlyMap<number, TimelineLine[]> {
  const { entries, calls, answers, childExports = [] } = exported
  const placed: [number, TimelineLine[]][] = [
    ...placeCalls(calls, entries).map(([number, call]): [number, TimelineLine[]] => [number, [callLine(call, facts)]]),
    ...answers.map((answer): [number, TimelineLine[]] => [answer.afterEntry, answerLines(answer, facts)]),
    ...childExports.map((child): [number, TimelineLine[]] => [
      entryAt(entries, child.run.createdAt),
      childLines(child, facts),
    ]),
  ]
  const lines = new Map<number, TimelineLine[]>()
  for (const [number, added] of placed) {
    const there = lines.get(number)
    if (there) there.push(...added)
    else lines.set(number, [...added])
  }
  return lines
}

/** The n-th reservation in the log is that of the n-th call; without such entries time must do. */
function placeCalls(calls: readonly ExportedCall[], entries: readonly ExportedEntry[]): [number, ExportedCall][] {
  const reserved = entries.filter(({ kind }) => kind === 'call-reserved')
  return calls.map((call, index) => {
    const entry = reserved.length === calls.length ? reserved[index] : undefined
    return [entry?.number ?? entryAt(entries, call.startedAt), call]
  })
}

/** The last entry at that time or before it; ISO times compare as texts. */
function entryAt(entries: readonly ExportedEntry[], time: string): number {
  return entries.findLast(({ at }) => at <= time)?.number ?? 1
}

function childLines(child: RunExport, facts: RunFacts): TimelineLine[] {
  const { run } = child
  const depth = facts.depthOf(run.parentLane ?? '')
  const at = Date.parse(run.createdAt)
  const tookMs = run.endedAt === null ? null : Date.parse(run.endedAt) - at
  const title: TimelineLine = { kind: 'run', text: `child run ${run.name ?? run.id}: ${run.status}`, at, tookMs, depth }
  return [title, ...timelineOf(child).map((line) => ({ ...line, depth: line.depth + depth + 1 }))]
}
