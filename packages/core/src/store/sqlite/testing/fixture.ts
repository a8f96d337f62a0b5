import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Clock, systemClock } from '../../../util/clock.ts'
import { ManualClock } from '../../../util/manual-clock.ts'
import { systemRandom } from '../../../util/random.ts'
import type { ClaimEffect, Claimed, EffectOutcome } from '../../effect-verbs.ts'
import type { RunRef } from '../../records.ts'
import type { CloseRun, OpenRun } from '../../run-verbs.ts'
import type { Store, StoreSettings } from '../../store.ts'
import { type SqliteOptions, sqlite } from '../sqlite.ts'

export const AT = 1_700_000_000_000
export const LEASE_MS = 60_000
/** The entries of the run so far, and the like, are enough in most tests. */
export const MANY = 1_000

/** A folder that is gone when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export function temporaryFile(): string {
  return join(temporaryFolder(), 'ledger.db')
}

export function settings(overrides: Partial<StoreSettings> = {}): StoreSettings {
  return {
    clock: systemClock,
    durability: 'fast',
    migrate: 'auto',
    random: systemRandom,
    retries: { attempts: 0, initialMs: 1 },
    warn: () => {},
    ...overrides,
  }
}

/** A store on a real file, closed when the test is over. */
export function openStore(path: string, overrides: Partial<StoreSettings> = {}, options: SqliteOptions = {}): Store {
  const store = sqlite(path, options).open(settings(overrides))
  onTestFinished(() => store.close())
  return store
}

/** A store with a clock of its own: in one process it stands for a process of its own, with another owner. */
export function openProcess(path: string, clock: Clock = new ManualClock()): Store {
  return openStore(path, { clock })
}

export function opening(overrides: Partial<OpenRun> = {}): OpenRun {
  return {
    id: 'run-1',
    name: null,
    thread: null,
    input: null,
    inputHash: null,
    tags: [],
    parent: null,
    leaseMs: LEASE_MS,
    shared: false,
    retry: false,
    at: AT,
    ...overrides,
  }
}

/** Opens a run that nothing speaks against. */
export async function openRun(store: Store, overrides: Partial<OpenRun> = {}): Promise<RunRef> {
  const opened = await store.openRun(opening(overrides))
  if (opened.kind !== 'opened') throw new Error(`The run was not opened: ${opened.kind}`)
  return opened.ref
}

export function closing(run: RunRef, to: CloseRun['to'], overrides: Partial<CloseRun> = {}): CloseRun {
  return { run, to, output: null, outputKept: true, error: null, at: AT, ...overrides }
}

export function key(byte?: number): Buffer {
  return byte === undefined ? randomBytes(32) : Buffer.alloc(32, byte)
}

export function claiming(run: RunRef, overrides: Partial<ClaimEffect> = {}): ClaimEffect {
  return {
    run,
    owner: { kind: 'run' },
    keys: [key(1)],
    tool: 'charge-card',
    args: '{"cents":100}',
    argsHash: null,
    onOtherArgs: 'conflict',
    callerKeyed: false,
    lane: 'root',
    callsSeen: 0,
    parentEffect: null,
    leaseMs: LEASE_MS,
    attempts: 1,
    willWait: false,
    at: AT,
    ...overrides,
  }
}

/** Claims what nobody else has. */
export async function claim(store: Store, run: RunRef, overrides: Partial<ClaimEffect> = {}): Promise<Claimed> {
  const claimed = await store.claimEffect(claiming(run, overrides))
  if (claimed.kind !== 'claimed') throw new Error(`The effect was not claimed: ${claimed.kind}`)
  return claimed
}

export const SUCCEEDED: EffectOutcome = { kind: 'succeeded', result: '{"id":"ch_1"}', kept: true }
export const NOT_APPLIED: EffectOutcome = { kind: 'failed', error: '{"name":"Declined"}', certainty: 'not_applied' }
export const ASSUMED: EffectOutcome = { kind: 'failed', error: '{"name":"Odd"}', certainty: 'assumed' }
export const UNKNOWN: EffectOutcome = { kind: 'unknown', error: '{"name":"Reset"}' }

export function commit(
  store: Store,
  run: RunRef,
  effect: { readonly id: number; readonly epoch: number },
  outcome: EffectOutcome = SUCCEEDED,
  userCommit: ((transaction: unknown) => unknown) | null = null,
): ReturnType<Store['commitEffect']> {
  return store.commitEffect({ run, id: effect.id, epoch: effect.epoch, outcome, userCommit, at: AT })
}

/** The kinds of a stream's entries, in order. */
export async function kindsOf(store: Store, stream = 'run-1'): Promise<readonly string[]> {
  return (await store.listEntries(stream, 0, MANY)).map(({ kind }) => kind)
}
