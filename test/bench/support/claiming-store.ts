import assert from 'node:assert/strict'
import { type Store, sqlite, systemClock } from 'holdfast'
import type { ClaimEffect } from '../../../packages/core/dist/store/effect-verbs.js'
import type { RunRef } from '../../../packages/core/dist/store/records.js'
import { orderOf, rawKey } from './payload.ts'
import { timed } from './rounds.ts'

/** Claims effects by the store's own verb: only what the store does with a claim is measured. */
export class ClaimingStore implements AsyncDisposable {
  readonly #store: Store

  constructor(path: string) {
    this.#store = sqlite(path).open({
      clock: systemClock,
      durability: 'fast',
      migrate: 'auto',
      random: () => 0.5,
      retries: { attempts: 0, initialMs: 0 },
      warn: () => {},
    })
  }

  /** Claims in runs that are new: microseconds per claim. */
  async round(name: string, runs: number, claimsPerRun: number): Promise<number> {
    const claims: ClaimEffect[] = []
    for (let run = 0; run < runs; run++) {
      const ref = await this.#openRun(`${name}-${run}`)
      for (let n = 0; n < claimsPerRun; n++) claims.push(claimOf(ref, `${name}-${run}-${n}`))
    }
    return timed(claims.length, async () => {
      for (const claim of claims) assert.equal((await this.#store.claimEffect(claim)).kind, 'claimed')
    })
  }

  async #openRun(id: string): Promise<RunRef> {
    const answer = await this.#store.openRun({
      id,
      name: null,
      thread: null,
      input: null,
      inputHash: null,
      tags: [],
      parent: null,
      leaseMs: 60_000,
      shared: false,
      retry: false,
      at: systemClock.now(),
    })
    assert.equal(answer.kind, 'opened')
    return (answer as Extract<typeof answer, { kind: 'opened' }>).ref
  }

  /** Makes the tables. */
  migrate(): Promise<void> {
    return this.#store.migrate()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#store.close()
  }
}

function claimOf(run: RunRef, id: string): ClaimEffect {
  return {
    run,
    owner: { kind: 'run' },
    keys: [rawKey(id)],
    tool: 'charge-card',
    args: JSON.stringify(orderOf(id)),
    argsHash: null,
    onOtherArgs: 'mark',
    callerKeyed: false,
    lane: '',
    callsSeen: 0,
    parentEffect: null,
    leaseMs: 60_000,
    attempts: 1,
    willWait: true,
    at: systemClock.now(),
  }
}
