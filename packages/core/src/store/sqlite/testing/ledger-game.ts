import { expect } from 'vitest'
import { type Action, RUN_NAMES } from './ledger-actions.ts'
import { LedgerDriver } from './ledger-driver.ts'
import type { LedgerFile, ModelTime } from './ledger-file.ts'
import { LedgerModel } from './ledger-model.ts'
import { brokenPromises } from './ledger-promises.ts'
import type { LedgerState } from './ledger-state.ts'
import type { Step } from './ledger-steps.ts'

/** One ledger, played by the model and by a real store side by side. */
export class LedgerGame {
  /** Every kind of action that was done, with what it was answered. */
  readonly seen = new Set<string>()
  readonly #model = new LedgerModel()
  readonly #driver: LedgerDriver
  readonly #file: LedgerFile
  readonly #done: Action[] = []
  #last: LedgerState = { runs: {}, effects: {} }

  constructor(file: LedgerFile, time: ModelTime, name: string) {
    this.#file = file
    this.#driver = new LedgerDriver(file, time, `${name}, run `)
  }

  async play(steps: readonly Step[]): Promise<void> {
    try {
      await this.#perform({ kind: 'open', owner: 0, run: 'one', retry: false })
      for (const step of steps) await this.#step(step)
      await this.#finish()
    } catch (error) {
      const done = this.#done.map((action) => JSON.stringify(action)).join('\n')
      throw new Error(`${(error as Error).message}\n\nafter\n${done}`, { cause: error })
    }
  }

  async #step(step: Step): Promise<void> {
    if (step.kind === 'drive') return this.#drive(step)
    for (const action of step.actions) {
      const aimed = step.isAimed ? this.#model.aim(action) : action
      if (this.#model.mayApply(aimed)) await this.#perform(aimed)
    }
  }

  /** Keeps to the documented order, whatever comes of each compensation. */
  async #drive({ first, outcomes, isFinished }: Extract<Step, { kind: 'drive' }>): Promise<void> {
    const begin = first === null ? null : this.#model.aim(first)
    if (begin !== null && this.#model.mayApply(begin)) await this.#perform(begin)
    const next = this.#model.compensating()
    if (next === undefined) return
    for (const outcome of outcomes) {
      const answer = await this.#perform(next)
      if (!answer.includes(' claimed: ')) break
      await this.#perform({ kind: 'commit-undo', undoing: 0, outcome, late: false })
    }
    if (isFinished) await this.#perform({ kind: 'finish', handle: next.handle, to: 'over', listed: false })
  }

  /** Whoever still has something in hand says what came of it, and everybody can read what is left to undo. */
  async #finish(): Promise<void> {
    for (const commit of this.#model.inHand()) if (this.#model.mayApply(commit)) await this.#perform(commit)
    for (const run of RUN_NAMES) {
      const read = { kind: 'read-undo', run } as const
      if (this.#model.mayApply(read)) await this.#perform(read)
    }
    const { told, all } = await this.#driver.rows.tailed()
    expect(told).toEqual(all)
    expect(await this.#file.store(0).verify()).toEqual([])
  }

  /** Does it to both; afterwards both must look the same, and the store as its promises say. */
  async #perform(action: Action): Promise<string> {
    this.#done.push(action)
    const expected = this.#model.apply(action)
    expect(await this.#driver.apply(action)).toBe(expected)
    for (const answer of wordsOf(action, expected)) this.seen.add(`${action.kind}: ${answer}`)
    const now = await this.#driver.rows.read()
    const { state } = this.#model
    if (JSON.stringify(now) !== JSON.stringify(state)) expect(now).toEqual(state)
    expect(brokenPromises(this.#last, now)).toEqual([])
    this.#last = now
    return expected
  }
}

/** What an answer comes to, whatever it is about; of a sweep, of each run that it found. */
function wordsOf({ kind }: Action, answer: string): readonly string[] {
  if (kind !== 'sweep') return [answer.replace(/^\[.*\] /, '')]
  const swept: readonly (readonly [name: string, status: string, expired: number, unknown: readonly string[]])[] =
    JSON.parse(answer)
  return swept.map(([, status, expired, unknown]) => `${status}, ${expired} expired, ${unknown.length} unknown`)
}
