import type { LedgerContext } from '../config/ledger-context.ts'
import type { StoreUnavailableError } from '../errors/store-unavailable-error.ts'
import { Lane } from '../lane/lane.ts'
import type { RunRecord } from '../store/records.ts'
import type { OpenRun } from '../store/run-verbs.ts'
import type { Enclosing } from './enclosing.ts'
import { loopsOf } from './endings.ts'
import { Run } from './run.ts'
import { RunCore } from './run-core.ts'

/**
 * A run that starts while the store is out of reach, where the ledger allows that: model calls and reads go on,
 * without dedupe, resume or a record, and writes stop unless their tool allows otherwise.
 */
export function openUnprotected(
  context: LedgerContext,
  request: OpenRun,
  parent: Enclosing | undefined,
  outage: StoreUnavailableError,
): RunCore {
  const record = recordOf(request)
  const ref = { seq: 0, epoch: 0, rootSeq: 0, ancestors: [] }
  const facts = {
    context,
    record,
    ref,
    how: 'new',
    root: new Lane(''),
    mode: 'unprotected',
    outage,
    endings: KEEP,
    sessionScopes: request.sessionScopes ?? [],
    loopLayers: [...loopsOf({}, record), ...(parent?.core ?? context).loopLayers],
  } as const
  const core = new RunCore({ ...facts, parent: parent?.core, sessionScopes: request.sessionScopes ?? [] })
  new Run(core)
  context.events.emit('outage', { operation: 'openRun', error: outage })
  return core
}

/** What has no record cannot be undone by it. */
const KEEP = { onError: 'keep', onBudgetExceeded: 'keep', onAbort: 'keep' } as const

function recordOf(request: OpenRun): RunRecord {
  return {
    seq: 0,
    id: request.id,
    name: request.name,
    thread: request.thread,
    status: 'running',
    attempt: 1,
    epoch: 0,
    rootSeq: 0,
    parentSeq: null,
    parentId: null,
    parentLane: null,
    path: [],
    shared: request.shared,
    input: request.input,
    output: null,
    outputKept: false,
    error: null,
    halt: null,
    tags: request.tags,
    scopes: request.scopes ?? [],
    options: null,
    unprotected: true,
    aborted: false,
    replayOf: null,
    createdAt: request.at,
    endedAt: null,
    dead: false,
  }
}
