import { HoldfastError } from './holdfast-error.ts'

export const STORE_OUTAGES = [
  'busy',
  'full',
  'read-only',
  'io',
  'not-a-database',
  'corrupt',
  'lost',
  'cannot-open',
] as const
/** Why a store is out of reach. */
export type StoreOutage = (typeof STORE_OUTAGES)[number]

const WHAT: Record<StoreOutage, readonly [happened: string, advice: string]> = {
  busy: ['another process holds its lock', 'Find what keeps a transaction open on it for so long.'],
  full: ['the disk is full', 'Make room; nothing that was acknowledged is lost.'],
  'read-only': ['it cannot be written', 'Give this process the right to write the file and its folder.'],
  io: ['reading or writing it failed', "Check the disk and the system's log."],
  'not-a-database': ['the file is not a database', 'Point the ledger at another path; the file was not touched.'],
  corrupt: ['the file is damaged', 'Restore it from a backup; do not delete it, it is the record of what happened.'],
  lost: ['the connection was lost', 'Check the server; the ledger connects again by itself.'],
  'cannot-open': ['it cannot be opened', 'Check that the path or address exists and that this process may use it.'],
}

/** The store is out of reach; nothing that needs a record was started. */
export class StoreUnavailableError extends HoldfastError {
  static override readonly code = 'store-unavailable'
  declare readonly code: 'store-unavailable'
  readonly operation: string
  readonly retries: number
  readonly reason: StoreOutage

  /** `location`: a path or address for the message, without secrets; clients do not see it. */
  constructor(facts: {
    operation: string
    retries: number
    reason: StoreOutage
    location?: string
    cause?: unknown
  }) {
    super(messageOf(facts), { status: 503, ...('cause' in facts ? { cause: facts.cause } : {}) })
    this.operation = facts.operation
    this.retries = facts.retries
    this.reason = facts.reason
  }

  protected override publicMessage(): string {
    return messageOf(this)
  }
}

function messageOf(facts: { operation: string; retries: number; reason: StoreOutage; location?: string }): string {
  const [happened, advice] = WHAT[facts.reason]
  const place = facts.location === undefined ? '' : ` (${facts.location})`
  const tries = facts.retries === 1 ? '1 retry' : `${facts.retries} retries`
  return `The ledger's store${place} is out of reach: ${happened} (${facts.operation}, ${tries}). Nothing was started without a record. ${advice}`
}
