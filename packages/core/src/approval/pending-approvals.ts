import type { LedgerContext } from '../config/ledger-context.ts'
import { ConfigError } from '../errors/config-error.ts'
import { checkOptionNames } from '../errors/option-names.ts'
import type { ApprovalQuery } from '../store/decision-verbs.ts'
import { type ApprovalView, approvalView } from './approval-view.ts'

/** Which open questions `approvals.pending` gives, oldest first; what is left out does not narrow. */
export interface PendingQuery {
  readonly runId?: string
  readonly thread?: string
  readonly tool?: string
  /** How many at most. @default all */
  readonly limit?: number
  /** The `cursor` of the last one of the page before. */
  readonly cursor?: string
}

const OPTIONS: readonly (keyof PendingQuery)[] = ['runId', 'thread', 'tool', 'limit', 'cursor']
const PAGE = 100

/** The questions that nobody has decided yet and that are not over. Throws `ConfigError` for a query that is wrong. */
export function pendingApprovals(context: LedgerContext, query: PendingQuery = {}): AsyncIterable<ApprovalView> {
  checkOptionNames('approvals.pending', query, OPTIONS)
  const { limit = Number.POSITIVE_INFINITY, cursor = '0' } = query
  if (!(limit > 0)) throw new ConfigError('approvals.pending: `limit` must be above 0. Nothing was read.')
  if (!/^\d{1,15}$/.test(cursor))
    throw new ConfigError(
      `approvals.pending: '${cursor}' is no cursor. Nothing was read. Take the \`cursor\` of the last one that you got.`,
    )
  return pages(context, query, limit, Number(cursor))
}

async function* pages(
  context: LedgerContext,
  query: PendingQuery,
  limit: number,
  start: number,
): AsyncGenerator<ApprovalView, void, undefined> {
  const { store, clock } = context
  const narrowed = await narrowedBy(context, query)
  if (narrowed === undefined) return
  let after = start
  for (let left = limit; left > 0; ) {
    const size = Math.min(PAGE, Math.ceil(left))
    const page = await store.listApprovals({ ...narrowed, notExpiredAt: clock.now(), after, limit: size })
    for (const approval of page) yield approvalView(context, approval)
    const last = page.at(-1)
    if (last === undefined || page.length < size) return
    after = last.effect.id
    left -= page.length
  }
}

/** Undefined if there is no such run. */
async function narrowedBy(
  { store }: LedgerContext,
  { runId, thread, tool }: PendingQuery,
): Promise<ApprovalQuery | undefined> {
  const run = runId === undefined ? undefined : await store.readRun(runId)
  if (run === null) return undefined
  return {
    status: ['pending'],
    ...(run === undefined ? {} : { runSeq: run.seq }),
    ...(thread === undefined ? {} : { thread }),
    ...(tool === undefined ? {} : { tool }),
  }
}
