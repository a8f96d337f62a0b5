import type { ReadStore } from '../store/read-verbs.ts'
import { RUN_STATUSES, type RunRecord, type RunStatus } from '../store/records.ts'
import type { AuditSource } from './audit-source.ts'
import { type RunView, runView } from './run-view.ts'
import { statusFilter } from './status-filter.ts'

const PAGE = 200

/** Which runs `runs.list` gives, newest first; what is left out does not narrow. */
export interface RunListQuery {
  readonly status?: RunStatus | readonly RunStatus[]
  readonly name?: string
  readonly thread?: string
  readonly tag?: string
  /** The id of the run whose children are asked for. */
  readonly parent?: string
  /** Created at this time or later. */
  readonly from?: Date
  /** Created before this time. */
  readonly to?: Date
  /** The `seq` of the last run of the page before. */
  readonly before?: number
  /** @default 100 */
  readonly limit?: number
}

/** Runs, newest first. The page after this one has the last one's `seq` as `before`. */
export async function listRuns({ store, redact }: AuditSource, query: RunListQuery = {}): Promise<RunView[]> {
  const { limit = 100, from, to } = query
  const filter = await storeQuery(store, query)
  if (filter === undefined) return []
  const found: RunRecord[] = []
  let before = query.before
  while (found.length < limit) {
    const page = await store.listRuns({ ...filter, ...(before === undefined ? {} : { before }), limit: PAGE })
    found.push(...page.filter((run) => isWithin(run, from, to)))
    const last = page.at(-1)
    // Numbers follow the time of creation, so nothing younger than `from` comes after an older one.
    if (last === undefined || (from && last.createdAt < from.getTime())) break
    before = last.seq
  }
  return found.slice(0, limit).map((run) => runView(run, redact))
}

/** The run of that id, or undefined. */
export async function getRun({ store, redact }: AuditSource, id: string): Promise<RunView | undefined> {
  const record = await store.readRun(id)
  return record === null ? undefined : runView(record, redact)
}

/** Undefined if the parent does not exist, and so has no children. */
async function storeQuery(store: ReadStore, { status, name, thread, tag, parent }: RunListQuery) {
  const parentSeq = parent === undefined ? undefined : (await store.readRun(parent))?.seq
  if (parent !== undefined && parentSeq === undefined) return undefined
  return {
    ...statusFilter(status, RUN_STATUSES),
    ...(name === undefined ? {} : { name }),
    ...(thread === undefined ? {} : { thread }),
    ...(tag === undefined ? {} : { tag }),
    ...(parentSeq === undefined ? {} : { parentSeq }),
  }
}

function isWithin(run: RunRecord, from: Date | undefined, to: Date | undefined): boolean {
  return (from === undefined || run.createdAt >= from.getTime()) && (to === undefined || run.createdAt < to.getTime())
}
