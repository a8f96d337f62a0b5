import type { Redact } from '../config/redact.ts'
import type { CallRecord, CallStatus } from '../store/records.ts'
import { type CallCost, callCost } from './call-cost.ts'
import type { ErrorView } from './error-view.ts'
import { readBody } from './read-body.ts'
import { Shown } from './shown.ts'

/** One model request as `ledger.calls` shows it. */
export interface CallView {
  /** Its place among all calls: the cursor for `after` in `calls.list`. */
  readonly id: number
  readonly runId: string
  readonly provider: string
  readonly model: string
  readonly status: CallStatus
  readonly lane: string
  /** The how-manieth call of its lane, from 1, over all executions of the run. */
  readonly ordinal: number
  /** The whole request, rebuilt; what was not JSON in it is a text that says what it was. */
  readonly request: unknown
  readonly response: unknown
  readonly error: ErrorView | null
  readonly usage: unknown
  /** Null where nothing was held for it. */
  readonly cost: CallCost | null
  /** The provider's id of the answer or of the background job. */
  readonly externalId: string | null
  readonly startedAt: Date
  readonly endedAt: Date | null
}

/** A stored call for people and programs; `request` is what `RequestReader` rebuilt. */
export function callView(record: CallRecord, request: unknown, redact?: Redact): CallView {
  const shown = new Shown(redact, { level: record.recordLevel, runId: record.runId })
  const { id, runId, provider, model, status, lane, ordinal, externalId } = record
  return {
    ...{ id, runId, provider, model, status, lane, ordinal, externalId },
    request: shown.request(request, record.exactHash),
    response: shown.value('response', record.response),
    error: shown.error(record.error),
    usage: readBody(record.usage),
    cost: callCost(record.hold),
    startedAt: new Date(record.startedAt),
    endedAt: record.endedAt === null ? null : new Date(record.endedAt),
  }
}
