import type { Redact } from '../config/redact.ts'
import type { ReadStore } from '../store/read-verbs.ts'

/** Where the audit reads, and what the ledger lets be seen of it. A ledger's context is one. */
export interface AuditSource<Store = ReadStore> {
  readonly store: Store
  readonly redact?: Redact | undefined
}
