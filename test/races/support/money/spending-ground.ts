import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLedger, type Ledger, sqlite, type Usd, usdFromNano } from 'holdfast'
import { expect } from 'vitest'
import { FakeProvider } from './fake-provider.ts'
import { LimitWatch } from './limit-watch.ts'
import type { SpendingJob } from './spending-job.ts'

/** nano-USD; less than that is taken for a number of dollars, and refused. */
const LEAST_BY_HAND = 10_000

/** A ledger's file with limited scopes that is watched, and a provider that bills. */
export class SpendingGround implements AsyncDisposable {
  readonly ledger: Ledger
  readonly provider: FakeProvider
  readonly watch: LimitWatch
  readonly scopes: Readonly<Record<string, Usd>>
  readonly #directory: string
  readonly #path: string
  readonly #seed: number

  private constructor(parts: {
    directory: string
    path: string
    seed: number
    ledger: Ledger
    provider: FakeProvider
    scopes: Readonly<Record<string, Usd>>
  }) {
    this.#directory = parts.directory
    this.#path = parts.path
    this.#seed = parts.seed
    this.ledger = parts.ledger
    this.provider = parts.provider
    this.scopes = parts.scopes
    this.watch = new LimitWatch(parts.path)
  }

  static async prepare(seed: number, scopes: Readonly<Record<string, Usd>>): Promise<SpendingGround> {
    const directory = mkdtempSync(join(tmpdir(), 'holdfast-spend-'))
    const path = join(directory, 'ledger.db')
    const ledger = createLedger({ store: sqlite(path), durability: 'fast' })
    await ledger.migrate()
    for (const [scope, budget] of Object.entries(scopes)) await ledger.scopes.limit(scope, { budget })
    const provider = await FakeProvider.start(seed)
    return new SpendingGround({ directory, path, seed, ledger, provider, scopes })
  }

  job(worker: number, calls: number): SpendingJob {
    return {
      ...{ path: this.#path, providerUrl: this.provider.url, worker, seed: this.#seed, calls, leaseMs: 60_000 },
      scopes: this.#named(),
    }
  }

  /** What must be true once all who spent are gone, and those who died have been looked after. */
  async expectAccounted(): Promise<void> {
    await this.ledger.recover()
    expect(this.watch.violations()).toEqual([])
    expect(this.watch.changes()).toBeGreaterThan(0)
    expect(await this.#unaccounted()).toEqual([])
    await this.#expectUnblocked()
    expect(await this.ledger.verify()).toMatchObject({ problems: [] })
  }

  /** What the provider billed and the ledger does not have: the very amount, or, of a call whose answer nobody got, at least that. */
  async #unaccounted(): Promise<string[]> {
    const calls = await this.ledger.calls.list({ limit: 10_000 })
    const spent = new Map(calls.map((call) => [call.model, call.cost]))
    return this.provider.bills.flatMap(({ model, nano }) => {
      const cost = spent.get(model)
      if (cost === undefined) return [`${model} was billed, and is not on record`]
      const isRight = cost?.status === 'charged' ? (cost.spent ?? 0) >= nano : cost?.spent === nano
      return isRight ? [] : [`${model} was billed ${nano}, and is on record as ${JSON.stringify(cost)}`]
    })
  }

  /** Nothing is held any more, and what is spent is what all calls came to; the limits are as they were set last. */
  async #rest(): Promise<number> {
    const calls = await this.ledger.calls.list({ limit: 10_000 })
    const sum = calls.reduce((total, { cost }) => total + (cost?.spent ?? 0), 0)
    let rest = Number.POSITIVE_INFINITY
    for (const scope of Object.keys(this.scopes)) {
      const usage = await this.ledger.scopes.usage(scope)
      expect(usage).toMatchObject({ held: 0, spent: sum })
      rest = Math.min(rest, usage?.remaining ?? 0)
    }
    return rest
  }

  /** No hold that somebody left is in the way: what remains can be had to the last nano-USD. */
  async #expectUnblocked(): Promise<void> {
    const rest = await this.#rest()
    if (rest < LEAST_BY_HAND) return
    await using run = await this.ledger.open({ scopes: this.#named() })
    const hold = await run.reserve({ model: 'the rest', usd: usdFromNano(rest) })
    await hold.release()
    await run.complete()
  }

  #named(): readonly string[] {
    return Object.keys(this.scopes).filter((scope) => scope !== 'ledger')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.ledger.close()
    await this.provider[Symbol.asyncDispose]()
    rmSync(this.#directory, { recursive: true, force: true })
  }
}
