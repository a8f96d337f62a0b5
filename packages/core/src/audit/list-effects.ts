import { isDeepStrictEqual } from 'node:util'
import { decodeValue, encodeValue } from '../codec/value-codec.ts'
import type { EffectQuery } from '../store/read-verbs.ts'
import { EFFECT_STATUSES, type EffectRecord, type EffectStatus } from '../store/records.ts'
import { parseEffectKey } from '../util/effect-key-text.ts'
import type { AuditSource } from './audit-source.ts'
import { EffectKeys } from './effect-keys.ts'
import { type EffectView, effectView } from './effect-view.ts'
import { readAll } from './read-all.ts'
import { readBody } from './read-body.ts'
import { statusFilter } from './status-filter.ts'

/** Which effects `effects.list` gives, oldest first; what is left out does not narrow. */
export interface EffectListQuery {
  readonly runId?: string
  readonly status?: EffectStatus | readonly EffectStatus[]
  readonly tool?: string
  /** The `id` of the last effect of the page before. */
  readonly after?: number
  /** @default 100 */
  readonly limit?: number
}

/** What `effects.find` looks for: the effects of a tool in a run that were performed with equal arguments. */
export interface EffectSearch {
  readonly runId: string
  readonly tool: string
  readonly args: unknown
}

/** Effects, oldest first, each generation for itself. The page after this one has the last one's `id` as `after`. */
export async function listEffects(source: AuditSource, query: EffectListQuery = {}): Promise<EffectView[]> {
  const { store } = source
  const { runId, status, tool, after, limit = 100 } = query
  const runSeq = runId === undefined ? undefined : (await store.readRun(runId))?.seq
  if (runId !== undefined && runSeq === undefined) return []
  const narrowed: EffectQuery = {
    ...(runSeq === undefined ? {} : { runSeq }),
    ...statusFilter(status, EFFECT_STATUSES),
    ...(tool === undefined ? {} : { tool }),
    ...(after === undefined ? {} : { after }),
    limit,
  }
  return viewsOf(source, await store.listEffects(narrowed))
}

/** The newest generation of the effect of that key, or undefined. */
export async function getEffect(source: AuditSource, key: string): Promise<EffectView | undefined> {
  return (await getEffectHistory(source, key)).at(-1)
}

/** All generations of the effect of that key, oldest first. */
export async function getEffectHistory(source: AuditSource, key: string): Promise<EffectView[]> {
  const parsed = parseEffectKey(key)
  if (parsed === undefined) return []
  return viewsOf(source, await source.store.readEffect(parsed.ownerSeq, parsed.key))
}

/**
 * Compares recorded arguments, so it needs no tool and finds effects of whatever key; it reads all of the tool's. Those
 * whose arguments were dropped (`record: 'hash'`) are not found.
 */
export async function findEffects(source: AuditSource, { runId, tool, args }: EffectSearch): Promise<EffectView[]> {
  const { store } = source
  const run = await store.readRun(runId)
  if (run === null) return []
  const all = await readAll(
    (after, limit) => store.listEffects({ runSeq: run.seq, tool, after, limit }),
    (effect) => effect.id,
  )
  // As they are recorded: without undefined members.
  const wanted = decodeValue(encodeValue(args))
  return viewsOf(
    source,
    all.filter((effect) => isDeepStrictEqual(readBody(effect.args), wanted)),
  )
}

async function viewsOf({ store, redact }: AuditSource, effects: readonly EffectRecord[]): Promise<EffectView[]> {
  const keys = new EffectKeys(store)
  keys.learn(effects)
  const views: EffectView[] = []
  for (const effect of effects) views.push(effectView(effect, await keys.textOf(effect.parentEffect), redact))
  return views
}
