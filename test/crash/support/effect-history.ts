import type { EffectView } from 'holdfast'
import type { LoggedEntry } from './ledger-file.ts'

const ASKED = 'approval-requested'

interface Move {
  readonly from: readonly string[]
  /** `before`: what it was when a human was asked about it. */
  to(detail: LoggedEntry['detail'], before: string): string
}

/** From which statuses an entry may lead, and to which: design, section 5. `late-outcome` tells and changes nothing. */
const MOVES: Readonly<Record<string, Move>> = {
  // A failure that is only assumed may run again in the same generation, if the tool is declared safe to repeat.
  'effect-claimed': { from: ['none', 'failed:assumed', 'ready'], to: () => 'processing' },
  'effect-retried': { from: ['processing'], to: () => 'processing' },
  'effect-succeeded': { from: ['processing'], to: () => 'succeeded' },
  'effect-failed': { from: ['processing'], to: ({ certainty }) => `failed:${certainty}` },
  'effect-unknown': { from: ['processing'], to: () => 'unknown' },
  'effect-taken-over': { from: ['unknown'], to: () => 'processing' },
  // Only a human, or the hook that a compensation asks, speaks of a failure that was assumed to have had no effect.
  'effect-resolved': {
    from: ['unknown', 'failed:assumed'],
    to: ({ decision }) => RESOLVED[String(decision)] ?? 'nonsense',
  },
  'effect-evidence': {
    from: ['unknown'],
    to: ({ outcome, certainty }) => (outcome === 'succeeded' ? 'succeeded' : `failed:${certainty}`),
  },
  // A question about what was executed before hides what that came to; without a yes it is that again.
  [ASKED]: { from: ['none', 'denied', 'unknown', 'failed:assumed'], to: () => 'requires_approval' },
  'approval-approved': { from: ['requires_approval'], to: () => 'ready' },
  'approval-denied': { from: ['requires_approval'], to: (_, before) => (wasNothing(before) ? 'denied' : before) },
  'approval-canceled': {
    from: ['requires_approval', 'ready'],
    to: (_, before) => (wasNothing(before) ? 'canceled' : before),
  },
  'compensation-claimed': { from: ['succeeded', 'compensating', 'compensation_failed'], to: () => 'compensating' },
  'compensation-retried': { from: ['compensating'], to: () => 'compensating' },
  'compensation-failed': { from: ['compensating'], to: () => 'compensation_failed' },
  'effect-compensated': { from: ['compensating'], to: () => 'compensated' },
}

const RESOLVED: Readonly<Record<string, string>> = {
  applied: 'succeeded',
  not_applied: 'failed:not_applied',
  unknown: 'unknown',
}

function wasNothing(before: string): boolean {
  return before === 'none' || before === 'denied'
}

/** What is wrong with the history that the log tells of one generation of an effect. */
export function historyProblems(effect: EffectView, entries: readonly LoggedEntry[]): string[] {
  const history = entries.filter((entry) => entry.effect === effect.id && entry.kind in MOVES)
  const told = history.map(({ kind }) => kind).join(', ')
  const problems: string[] = []
  let status = 'none'
  let before = status
  let epoch = 0
  for (const { kind, detail } of history) {
    const move = MOVES[kind]
    if (!move?.from.includes(status)) problems.push(`${effect.tool}: ${kind} follows ${status} (${told})`)
    if (typeof detail.epoch === 'number') {
      if (detail.epoch <= epoch) problems.push(`I3: ${effect.tool}: epoch ${detail.epoch} follows ${epoch} (${told})`)
      epoch = detail.epoch
    }
    if (kind === ASKED) before = status
    status = move?.to(detail, before) ?? status
  }
  const isNow = effect.status === 'failed' ? `failed:${effect.certainty}` : effect.status
  if (status !== isNow) problems.push(`I11: ${effect.tool} is ${isNow}, its log says ${status} (${told})`)
  // One that was only asked about was never anybody's.
  if (epoch !== effect.epoch && epoch > 0)
    problems.push(`I11: ${effect.tool} has epoch ${effect.epoch}, its log says ${epoch}`)
  return problems
}

/** How often the log grants the right to run the body of this generation. */
export function grantsOf(effect: EffectView, entries: readonly LoggedEntry[]): number {
  return count(effect, entries, ['effect-claimed', 'effect-taken-over', 'effect-retried'])
}

/** How often the log grants the right to run the compensation of this generation. */
export function undoGrantsOf(effect: EffectView, entries: readonly LoggedEntry[]): number {
  return count(effect, entries, ['compensation-claimed', 'compensation-retried'])
}

function count(effect: EffectView, entries: readonly LoggedEntry[], kinds: readonly string[]): number {
  return entries.filter((entry) => entry.effect === effect.id && kinds.includes(entry.kind)).length
}
