import type { EffectView } from 'holdfast'
import type { LoggedEntry } from './ledger-file.ts'

/** From which statuses an entry may lead, and to which: design, section 5. `late-outcome` tells and changes nothing. */
const MOVES: Readonly<
  Record<string, { readonly from: readonly string[]; readonly to: (detail: LoggedEntry['detail']) => string }>
> = {
  // A failure that is only assumed may run again in the same generation, if the tool is declared safe to repeat.
  'effect-claimed': { from: ['none', 'failed:assumed'], to: () => 'processing' },
  'effect-retried': { from: ['processing'], to: () => 'processing' },
  'effect-succeeded': { from: ['processing'], to: () => 'succeeded' },
  'effect-failed': { from: ['processing'], to: ({ certainty }) => `failed:${certainty}` },
  'effect-unknown': { from: ['processing'], to: () => 'unknown' },
  'effect-taken-over': { from: ['unknown'], to: () => 'processing' },
  'effect-resolved': { from: ['unknown'], to: ({ decision }) => RESOLVED[String(decision)] ?? 'nonsense' },
  'effect-evidence': {
    from: ['unknown'],
    to: ({ outcome, certainty }) => (outcome === 'succeeded' ? 'succeeded' : `failed:${certainty}`),
  },
}

const RESOLVED: Readonly<Record<string, string>> = {
  applied: 'succeeded',
  not_applied: 'failed:not_applied',
  unknown: 'unknown',
}

/** What is wrong with the history that the log tells of one generation of an effect. */
export function historyProblems(effect: EffectView, entries: readonly LoggedEntry[]): string[] {
  const history = entries.filter((entry) => entry.effect === effect.id && entry.kind in MOVES)
  const told = history.map(({ kind }) => kind).join(', ')
  const problems: string[] = []
  let status = 'none'
  let epoch = 0
  for (const { kind, detail } of history) {
    const move = MOVES[kind]
    if (!move?.from.includes(status)) problems.push(`${effect.tool}: ${kind} follows ${status} (${told})`)
    if (typeof detail.epoch === 'number') {
      if (detail.epoch <= epoch) problems.push(`I3: ${effect.tool}: epoch ${detail.epoch} follows ${epoch} (${told})`)
      epoch = detail.epoch
    }
    status = move?.to(detail) ?? status
  }
  const isNow = effect.status === 'failed' ? `failed:${effect.certainty}` : effect.status
  if (status !== isNow) problems.push(`I11: ${effect.tool} is ${isNow}, its log says ${status} (${told})`)
  if (epoch !== effect.epoch) problems.push(`I11: ${effect.tool} has epoch ${effect.epoch}, its log says ${epoch}`)
  return problems
}

/** How often the log grants the right to run the body of this generation. */
export function grantsOf(effect: EffectView, entries: readonly LoggedEntry[]): number {
  const grants = ['effect-claimed', 'effect-taken-over', 'effect-retried']
  return entries.filter((entry) => entry.effect === effect.id && grants.includes(entry.kind)).length
}
