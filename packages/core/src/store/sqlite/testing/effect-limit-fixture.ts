import type { ClaimEffect, EffectClaimed } from '../../effect-verbs.ts'
import type { LimitTerms } from '../../limit-records.ts'
import type { RunRef } from '../../records.ts'
import type { Store } from '../../store.ts'
import type { Connection } from '../connection.ts'
import { AT, claiming, key, openRun, openStore, temporaryFile } from './fixture.ts'

/** A run with limits of its own. */
export async function limited(...limits: readonly LimitTerms[]): Promise<{ store: Store; run: RunRef; path: string }> {
  const path = temporaryFile()
  const store = openStore(path)
  return { store, path, run: await openRun(store, { limits }) }
}

/** Performs something that nobody has performed. */
export function another(store: Store, run: RunRef, overrides: Partial<ClaimEffect> = {}): Promise<EffectClaimed> {
  return store.claimEffect(claiming(run, { keys: [key()], ...overrides }))
}

/** What one more answers: that it may begin, or the scope that does not allow it. */
export async function fate(store: Store, run: RunRef, overrides: Partial<ClaimEffect> = {}): Promise<string> {
  const answer = await another(store, run, overrides)
  return answer.kind === 'limited' ? answer.scope : answer.kind
}

export async function counted(store: Store, scope = 'run:run-1'): Promise<number | undefined> {
  return (await store.readUsage(scope, AT))?.limits[0]?.effects
}

/** Every row of every table. */
export function everything(store: Store): string {
  const { database } = store.identity as Connection
  const tables = database.prepare<{ name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
  return JSON.stringify(tables.map(({ name }) => [name, database.prepare(`SELECT * FROM ${name}`).all()]))
}
