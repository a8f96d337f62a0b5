import type { ExportedAttempt, ExportedEntry } from './run-export.ts'

const ENDS: ReadonlySet<string> = new Set(['run-closed', 'run-canceled'])

/** The attempts that a run's log tells of, oldest first. */
export function attemptsOf(entries: readonly ExportedEntry[]): ExportedAttempt[] {
  const attempts: ExportedAttempt[] = []
  for (const { kind, at } of entries) {
    const current = attempts.at(-1)
    if (kind === 'run-opened' || kind === 'run-retried') {
      attempts.push({ number: attempts.length + 1, startedAt: at, endedAt: null, resumed: 0 })
    } else if (current !== undefined) {
      attempts[attempts.length - 1] = next(current, kind, at)
    }
  }
  return attempts
}

function next(attempt: ExportedAttempt, kind: string, at: string): ExportedAttempt {
  if (kind === 'run-resumed') return { ...attempt, resumed: attempt.resumed + 1 }
  // It goes on to its end only now; its children, which say so after their own end, had theirs.
  if (kind === 'run-compensating') return { ...attempt, endedAt: null }
  return ENDS.has(kind) ? { ...attempt, endedAt: attempt.endedAt ?? at } : attempt
}
