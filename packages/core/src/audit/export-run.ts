import { runScope } from '../config/scope-names.ts'
import { ConfigError } from '../errors/config-error.ts'
import type { DecisionStore } from '../store/decision-verbs.ts'
import type { MoneyStore } from '../store/money-verbs.ts'
import type { ReadStore } from '../store/read-verbs.ts'
import type { RunRecord } from '../store/records.ts'
import { attemptsOf } from './attempts-of.ts'
import type { AuditSource } from './audit-source.ts'
import { EffectKeys } from './effect-keys.ts'
import {
  exportedAnswer,
  exportedApproval,
  exportedCall,
  exportedEffect,
  exportedEntry,
  exportedRun,
} from './exported-rows.ts'
import { readAll } from './read-all.ts'
import { RequestReader } from './request-reader.ts'
import type { ExportedAnswer, ExportedCall, ExportedEntry, ExportedTotals, RunExport } from './run-export.ts'

/** What an export reads. */
export type ExportStore = ReadStore & Pick<DecisionStore, 'listApprovals'> & Pick<MoneyStore, 'readUsage'>

type Source = AuditSource<ExportStore>

export interface ExportOptions {
  /** Exports the child runs too, and theirs. @default false */
  readonly children?: boolean
}

/**
 * Everything that the ledger knows about a run, as plain JSON of a versioned form. Two exports of a run that has
 * ended are equal. Throws a `ConfigError` if there is no such run.
 */
export async function exportRun(source: Source, runId: string, options: ExportOptions = {}): Promise<RunExport> {
  const record = await source.store.readRun(runId)
  if (record === null) {
    throw new ConfigError(
      `There is no run '${runId}' in this ledger, so nothing was exported. List the runs to find its id.`,
    )
  }
  return exportRecord(source, record, options)
}

async function exportRecord(source: Source, record: RunRecord, options: ExportOptions): Promise<RunExport> {
  const { store, redact } = source
  const runSeq = record.seq
  const keys = new EffectKeys(store)
  const effects = await readAll(
    (after, limit) => store.listEffects({ runSeq, after, limit }),
    ({ id }) => id,
  )
  keys.learn(effects)
  const approvals = await readAll(
    (after, limit) => store.listApprovals({ runSeq, after, limit }),
    ({ effect }) => effect.id,
  )
  const entries = await exportEntries(source, record, keys)
  const children = await childrenOf(store, runSeq)
  return {
    format: 'holdfast-run',
    version: 1,
    run: exportedRun(record, redact),
    attempts: attemptsOf(entries),
    effects: effects.map((effect) => exportedEffect(effect, redact)),
    approvals: approvals.map((approval) => exportedApproval(approval, redact)),
    answers: await exportAnswers(source, record, keys),
    calls: await exportCalls(source, runSeq),
    cost: await totalsOf(source, record),
    entries,
    children: children.map(({ id }) => id),
    ...(options.children ? { childExports: await exportRecords(source, children, options) } : {}),
  }
}

async function exportRecords(
  source: Source,
  records: readonly RunRecord[],
  options: ExportOptions,
): Promise<RunExport[]> {
  const exports: RunExport[] = []
  for (const record of records) exports.push(await exportRecord(source, record, options))
  return exports
}

async function exportEntries(
  { store, redact }: AuditSource,
  { id }: RunRecord,
  keys: EffectKeys,
): Promise<ExportedEntry[]> {
  const records = await readAll(
    (after, limit) => store.listEntries(id, after, limit),
    ({ number }) => number,
  )
  const entries: ExportedEntry[] = []
  for (const record of records) entries.push(exportedEntry(record, await keys.factsOf(record.effect), redact))
  return entries
}

async function exportAnswers(
  { store, redact }: AuditSource,
  { id: runId, seq }: RunRecord,
  keys: EffectKeys,
): Promise<ExportedAnswer[]> {
  const records = await readAll(
    (after, limit) => store.listAnswers(seq, after, limit),
    ({ id }) => id,
  )
  const answers: ExportedAnswer[] = []
  for (const record of records) {
    answers.push(exportedAnswer(record, { runId, effect: await keys.factsOf(record.effect) }, redact))
  }
  return answers
}

async function exportCalls({ store, redact }: AuditSource, runSeq: number): Promise<ExportedCall[]> {
  const records = await readAll(
    (after, limit) => store.listCalls({ runSeq, after, limit }),
    ({ id }) => id,
  )
  const requests = new RequestReader(store)
  const calls: ExportedCall[] = []
  for (const record of records) calls.push(exportedCall(record, await requests.read(record), redact))
  return calls
}

async function totalsOf({ store }: Source, { id, endedAt, createdAt }: RunRecord): Promise<ExportedTotals> {
  const usage = await store.readUsage(runScope(id), endedAt ?? createdAt)
  if (usage === null) return { spentNano: 0, heldNano: 0, tokens: 0, calls: 0 }
  const { spentNano, heldNano, spentTokens, calls } = usage
  return { spentNano, heldNano, tokens: spentTokens, calls }
}

/** Oldest first; the store lists runs newest first. */
async function childrenOf(store: ReadStore, parentSeq: number): Promise<RunRecord[]> {
  const newestFirst = await readAll(
    (before, limit) => store.listRuns({ parentSeq, limit, ...(before === 0 ? {} : { before }) }),
    ({ seq }) => seq,
  )
  return newestFirst.reverse()
}
