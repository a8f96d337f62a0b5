import type { Limited } from '../limit-records.ts'
import type { LimitedScope } from './limit-book.ts'

/** What every refusal has to say for itself. */
type Reason = Pick<Limited, 'what' | 'limit' | 'spent' | 'requested'>
type Detail = Partial<Pick<Limited, 'tool' | 'perMs' | 'of' | 'held' | 'waitingHelps' | 'resetsAt'>>

/** A refusal by a limit of a scope; waiting does not help unless it says so. */
export function limited({ name, runSeq }: LimitedScope, reason: Reason, detail: Detail = {}): Limited {
  const rest = { tool: null, perMs: null, held: 0, waitingHelps: false, resetsAt: null }
  return { kind: 'limited', scope: name, runSeq, ...rest, ...reason, ...detail }
}

/** The one to be told: the first that waiting cannot help, else the first. They come in the order of the scopes. */
export function gravest(refusals: readonly Limited[]): Limited | null {
  return refusals.find(({ waitingHelps }) => !waitingHelps) ?? refusals[0] ?? null
}
