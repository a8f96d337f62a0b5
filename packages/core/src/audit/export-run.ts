import { ConfigError } from '../errors/config-error.ts'
import type { ReadStore } from '../store/read-verbs.ts'
import type { RunRecord } from '../store/records.ts'
import { attemptsOf } from './attempts-of.ts'
import { EffectKeys } from './effect-keys.ts'
import { exportedAnswer, exportedCall, exportedEffect, exportedEntry, exportedRun } from './exported-rows.ts'
import { readAll } from './read-all.ts'
import { RequestReader } from './request-reader.ts'
import type { ExportedCall, ExportedEntry, RunExport } from './run-export.ts'

export interface ExportOptions {
  /** Exports the child runs too, and theirs. @default false */
  readonly children?: boolean
}

/**
 * Everything that the ledger knows about a run, as plain JSON of a versioned form. Two exports of a run that has
 * ended are equal. Throws a `ConfigError` if there is no such run.
 */
export async function exportRun(store: ReadStore, runId: string, options: ExportOptions = {}): Promise<RunExport> {
  const record = await store.readRun(runId)
  if (record === null) {
    throw new ConfigError(
      `There is no run '${runId}' in this ledger, so nothing was exported. List the runs to find its id.`,
    )
  }
  return exportRecord(store, record, options)
}

async function exportRecord(store: ReadStore, record: RunRecord, options: ExportOptions): Promise<RunExport> {
  const runSeq = record.seq
  const keys = new EffectKeys(store)
  const effects = await readAll(
    (after, limit) => store.listEffects({ runSeq, after, limit }),
    ({ id }) => id,
  )
  keys.learn(effects)
  const entries = await exportEntries(store, record, keys)
  const answers = await readAll(
    (after, limit) => store.listAnswers(runSeq, after, limit),
    ({ id }) => id,
  )
  const children = await childrenOf(store, runSeq)
  return {
    format: 'holdfast-run',
    version: 1,
    run: exportedRun(record),
    attempts: attemptsOf(entries),
    effects: effects.map(exportedEffect),
    answers: answers.map(exportedAnswer),
    calls: await exportCalls(store, runSeq),
    entries,
    children: children.map(({ id }) => id),
    ...(options.children ? { childExports: await exportRecords(store, children, options) } : {}),
  }
}

async function exportRecords(
  store: ReadStore,
  records: readonly RunRecord[],
  options: ExportOptions,
): Promise<RunExport[]> {
  const exports: RunExport[] = []
  for (const record of records) exports.push(await exportRecord(store, record, options))
  return exports
}

async function exportEntries(store: ReadStore, { id }: RunRecord, keys: EffectKeys): Promise<ExportedEntry[]> {
  const records = await readAll(
    (after, limit) => store.listEntries(id, after, limit),
    ({ number }) => number,
  )
  const entries: ExportedEntry[] = []
  for (const record of records) entries.push(exportedEntry(record, await keys.textOf(record.effect)))
  return entries
}

async function exportCalls(store: ReadStore, runSeq: number): Promise<ExportedCall[]> {
  const records = await readAll(
    (after, limit) => store.listCalls({ runSeq, after, limit }),
    ({ id }) => id,
  )
  const requests = new RequestReader(store)
  const calls: ExportedCall[] = []
  for (const record of records) calls.push(exportedCall(record, await requests.read(record)))
  return calls
}

/** Oldest first; the store lists runs newest first. */
async function childrenOf(store: ReadStore, parentSeq: number): Promise<RunRecord[]> {
  const newestFirst = await readAll(
    (before, limit) => store.listRuns({ parentSeq, limit, ...(before === 0 ? {} : { before }) }),
    ({ seq }) => seq,
  )
  return newestFirst.reverse()
}
