import type { AuditSource } from './audit-source.ts'
import { type CallView, callView } from './call-view.ts'
import { RequestReader } from './request-reader.ts'

/** Which calls `calls.list` gives, oldest first; what is left out does not narrow. */
export interface CallListQuery {
  readonly runId?: string
  readonly model?: string
  /** The `id` of the last call of the page before. */
  readonly after?: number
  /** @default 100 */
  readonly limit?: number
}

/** Calls, oldest first, with their requests whole. The page after this one has the last one's `id` as `after`. */
export async function listCalls({ store, redact }: AuditSource, query: CallListQuery = {}): Promise<CallView[]> {
  const { runId, model, after, limit = 100 } = query
  const runSeq = runId === undefined ? undefined : (await store.readRun(runId))?.seq
  if (runId !== undefined && runSeq === undefined) return []
  const records = await store.listCalls({
    ...(runSeq === undefined ? {} : { runSeq }),
    ...(model === undefined ? {} : { model }),
    ...(after === undefined ? {} : { after }),
    limit,
  })
  const requests = new RequestReader(store)
  const views: CallView[] = []
  for (const record of records) views.push(callView(record, await requests.read(record), redact))
  return views
}

/** The call of that id, or undefined. */
export async function getCall({ store, redact }: AuditSource, id: number): Promise<CallView | undefined> {
  const record = await store.readCall(id)
  return record === null ? undefined : callView(record, await new RequestReader(store).read(record), redact)
}
