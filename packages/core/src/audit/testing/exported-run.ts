import { formatRun } from '../format-run.ts'
import type {
  ExportedAnswer,
  ExportedCall,
  ExportedEffect,
  ExportedEntry,
  ExportedRun,
  RunExport,
} from '../run-export.ts'

const START = Date.UTC(2026, 10, 20, 12)
export const time = (ms: number): string => new Date(START + ms).toISOString()

/** One that is completed. */
export const run: ExportedRun = {
  ...{ id: 'order-42', name: 'checkout', thread: null, status: 'completed', dead: false, attempt: 1, epoch: 2 },
  ...{ parentId: null, parentLane: null, shared: false, tags: ['vip'], output: { ok: true }, outputKept: true },
  ...{ unprotected: false, aborted: false, replayOf: null, createdAt: time(0), endedAt: time(2_500) },
}

export function effect(id: number, tool: string, more: Partial<ExportedEffect> = {}): ExportedEffect {
  return {
    ...{ id, key: `1.${tool}`, tool, status: 'succeeded', generation: 1, attempt: 1, epoch: 1, idempotencyKey: 'hf_x' },
    ...{
      lane: '',
      bodyLane: `body-${id}`,
      parent: null,
      callerKeyed: false,
      args: {},
      resultKept: true,
      certainty: null,
    },
    ...{ commitSeq: 1, irreversible: false, compensation: null, group: null },
    ...{ startedAt: time(0), claimedAt: time(0), endedAt: time(0) },
    ...more,
  }
}

export function call(id: number, at: number, more: Partial<ExportedCall> = {}): ExportedCall {
  return {
    ...{
      id,
      provider: 'openai',
      model: 'gpt-5',
      status: 'succeeded',
      lane: '',
      ordinal: id,
      exactHash: '',
      maskedHash: '',
    },
    ...{ request: {}, cost: null, externalId: null, startedAt: time(at), endedAt: time(at + 100) },
    ...more,
  }
}

export function answer(afterEntry: number, more: Partial<ExportedAnswer>): ExportedAnswer {
  return {
    lane: '',
    keyHash: '',
    kind: 'hit',
    name: 'x',
    effect: null,
    generation: 1,
    failed: false,
    afterEntry,
    ...more,
  }
}

export type Told = [ms: number, kind: ExportedEntry['kind'], effect?: number | null, detail?: ExportedEntry['detail']]

export function exported(told: readonly Told[], more: Partial<RunExport> = {}): RunExport {
  const entries = told.map(([ms, kind, effectId, detail], index) => ({
    ...{ number: index + 1, at: time(ms), kind, effect: effectId ?? null, key: null },
    ...(detail === undefined ? {} : { detail }),
  }))
  const attempts = [{ number: 1, startedAt: time(0), endedAt: null, resumed: 0 }]
  const cost = { spentNano: 0, heldNano: 0, tokens: 0, calls: 0 }
  const rest = { attempts, effects: [], approvals: [], answers: [], calls: [], cost, children: [] }
  return { format: 'holdfast-run', version: 1, run, entries, ...rest, ...more }
}

/** The lines of the timeline between its header and its summary. */
export function body(told: readonly Told[], more: Partial<RunExport> = {}): string[] {
  return formatRun(exported(told, { run: { ...run, name: null, tags: [] }, ...more }))
    .split('\n')
    .slice(1, -2)
}
