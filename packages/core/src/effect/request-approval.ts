import { decodeValue } from '../codec/value-codec.ts'
import type { LedgerContext } from '../config/ledger-context.ts'
import { ConfigError } from '../errors/config-error.ts'
import { checkOptionNames } from '../errors/option-names.ts'
import type { EffectRecord } from '../store/records.ts'
import { expiryOf } from './approval-question.ts'
import { newest } from './by-hand.ts'
import { hashOfArgs } from './keyed-effect.ts'

/** What whoever decides is told, and how long they have. */
export interface ApprovalRequestOptions {
  readonly reason?: string
  /** How long the question stays open; then it is asked anew. @default for ever */
  readonly expiresMs?: number
}

const OPTIONS: readonly (keyof ApprovalRequestOptions)[] = ['reason', 'expiresMs']

/**
 * Has a human asked about an effect that was claimed by hand and whose body has not begun, or asked again about one that
 * was denied or canceled. False if it is something else by now. Throws `ConfigError` for a key that is not known.
 */
export async function requestApproval(
  context: LedgerContext,
  key: string,
  options: ApprovalRequestOptions = {},
): Promise<boolean> {
  checkOptionNames('approvals.request', options, OPTIONS)
  const { reason = null, expiresMs = Number.POSITIVE_INFINITY } = options
  if (!(expiresMs > 0)) throw new ConfigError('approvals.request: `expiresMs` must be above 0. Nobody was asked.')
  const { store, clock, events } = context
  const effect = await newest(context, key)
  const at = clock.now()
  const expiresAt = expiryOf(at, expiresMs)
  const argsHash = await argsHashOf(context, effect)
  const answer = await store.requestApproval({ effect: effect.id, argsHash, reason, from: 'ledger', expiresAt, at })
  if (answer.kind === 'lost') return false
  const { runId, tool, generation } = effect
  const expiry = expiresAt === null ? null : new Date(expiresAt)
  events.emit('approval-requested', { runId, tool, key, generation, reason, expiresAt: expiry })
  return true
}

/** Of what was asked for at first: an approval may have edited it since. */
async function argsHashOf({ store }: LedgerContext, { id, argsHash, args }: EffectRecord): Promise<Buffer> {
  const [asked] = await store.listApprovals({ effect: id })
  return asked?.argsHash ?? argsHash ?? hashOfArgs({ argsHash }, decodeValue(args))
}
