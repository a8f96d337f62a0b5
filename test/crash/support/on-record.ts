import Database from 'better-sqlite3'
import type { OnRecord, ServiceRequest } from './outside-log.ts'

const EFFECT = 'SELECT status, epoch FROM holdfast_effects WHERE owner_seq = ? AND key = ? AND generation = ?'
const CALL = `SELECT status, ordinal AS epoch FROM holdfast_calls WHERE run_id = ? AND ordinal = ? AND status = 'open'`

/** Reads what the ledger's file says, from another process, about the effect or call that a request belongs to. */
export function onRecord({ ledgerPath, effect, call }: ServiceRequest): OnRecord | null {
  if (effect === null && call === null) return null
  const database = new Database(ledgerPath, { readonly: true })
  try {
    if (call !== null) return found(database.prepare(CALL).get(call.runId, call.ordinal))
    const [owner = '', hash = ''] = effect?.key.split('.') ?? []
    const key = Buffer.from(hash, 'base64url').toString('hex').toUpperCase()
    return found(database.prepare(EFFECT).get(Number.parseInt(owner, 36), key, effect?.generation))
  } finally {
    database.close()
  }
}

function found(row: unknown): OnRecord | null {
  return (row as OnRecord | undefined) ?? null
}
