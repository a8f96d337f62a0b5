import { expect } from 'vitest'
import type { HoldCost, HoldSettled, HoldTerms, LimitTerms } from '../../limit-records.ts'
import type { ModelTime } from './ledger-file.ts'
import { MONEY_RUNS, MONEY_SCOPES, type MoneyFile } from './money-file.ts'
import { CHARGED, calling } from './money-fixture.ts'
import { type ModelHold, type ModelSums, MoneyModel } from './money-model.ts'

export type MoneyStep =
  | { kind: 'reserve'; place: number; run: number; terms: HoldTerms; byCall: boolean }
  | {
      kind: 'settle'
      place: number
      which: number
      share: number
      as: HoldCost['kind'] | 'unsent' | 'silent'
      byCall: boolean
    }
  | { kind: 'limit'; place: number; pattern: string; source: 'code' | 'runtime'; terms: readonly LimitTerms[] | null }
  | { kind: 'wait'; ms: number }
  | { kind: 'die' | 'reopen' | 'expire'; place: number }

/** Plays steps on a real file and in the model, and compares after each. */
export class MoneyGame {
  readonly seen = new Set<string>()
  readonly #file: MoneyFile
  readonly #time: ModelTime
  readonly #model: MoneyModel
  /** Who stands in each place by now. */
  readonly #owners = [1, 2]
  readonly #ended = new Set<number>()
  /** Until when a connection knows that no lease is over. */
  readonly #sweptUntil = new Map<number, number>()
  #newcomer = 3

  constructor(file: MoneyFile, time: ModelTime) {
    this.#file = file
    this.#time = time
    this.#model = new MoneyModel(time.now(), this.#owners)
  }

  async play(step: MoneyStep): Promise<void> {
    this.seen.add(`${step.kind}: ${await this.#do(step)}`)
    expect(this.#file.problems()).toEqual([])
    for (const scope of MONEY_SCOPES) await this.#compare(scope)
  }

  async #do(step: MoneyStep): Promise<string> {
    switch (step.kind) {
      case 'reserve':
        return this.#reserve(step)
      case 'settle':
        return this.#settle(step)
      case 'limit':
        return this.#limit(step)
      case 'wait':
        this.#time.pass(step.ms)
        this.#model.now = this.#time.now()
        return 'later'
      case 'expire': {
        const { charged } = await this.#file.store(step.place).expireHolds(this.#model.now)
        expect(charged).toBe(this.#sweep(step.place))
        return charged > 0 ? 'charged' : 'nothing'
      }
      case 'die':
        this.#file.die(step.place)
        this.#model.die(this.#owner(step.place))
        return this.#replace(step.place)
      case 'reopen':
        await this.#file.reopen(step.place)
        this.#sweptUntil.delete(step.place)
        return this.#replace(step.place)
    }
  }

  async #reserve({ place, run, terms, byCall }: Extract<MoneyStep, { kind: 'reserve' }>): Promise<string> {
    const store = this.#file.store(place)
    const ref = this.#file.runs[run]
    if (ref === undefined) throw new Error(`There is no run ${run}`)
    const at = this.#model.now
    const answer = byCall
      ? await store.reserve({ ...calling(ref, terms), at })
      : await store.openHold({ run: ref, label: 'gpt-5', hold: terms, at })
    const scopes = MONEY_RUNS[run] as readonly string[]
    let expected = this.#model.admit(scopes, terms)
    const isDue = at >= (this.#sweptUntil.get(place) ?? 0)
    if ('what' in expected && expected.held > 0 && isDue && this.#sweep(place) > 0) {
      expected = this.#model.admit(scopes, terms)
      this.seen.add('reserve: swept')
    }
    if ('what' in expected) {
      expect(answer).toMatchObject({ kind: 'limited', ...expected })
      return `${expected.what}${expected.waitingHelps ? ', waiting helps' : ''}`
    }
    if (answer.kind !== 'held') throw new Error(`Expected ${JSON.stringify(expected)}, got ${JSON.stringify(answer)}`)
    const granted = 'granted' in answer ? answer.granted : answer
    expect(granted).toMatchObject(expected)
    const hold = { id: granted?.hold as number, call: 'id' in answer ? answer.id : null, scopes, ...expected }
    this.#model.holds.push({ ...hold, createdAt: at, owner: this.#owner(place), leasedAt: at, ...OPEN })
    return expected.outputTokens < terms.output.most ? 'held, less than asked' : 'held'
  }

  async #settle(step: Extract<MoneyStep, { kind: 'settle' }>): Promise<string> {
    const { holds, now: at } = this.#model
    const hold = holds[step.which % Math.max(1, holds.length)]
    if (hold === undefined) return 'nothing'
    const cost = costOf(step, hold)
    const store = this.#file.store(step.place)
    if (!step.byCall || hold.call === null) {
      const answer = await store.settleHold({ hold: hold.id, cost: cost ?? CHARGED, usage: null, at })
      return this.#settled(answer, hold, cost ?? CHARGED)
    }
    const outcome = { kind: 'succeeded', response: '{}' } as const
    const answer = await store.settle({ id: hold.call, outcome, usage: null, cost, externalId: null, at })
    const isFirst = !this.#ended.has(hold.call)
    this.#ended.add(hold.call)
    expect(answer.kind).toBe(isFirst ? 'settled' : 'already-settled')
    if (!isFirst && cost === null) {
      expect(answer.hold).toBeNull()
      return 'nothing'
    }
    return this.#settled(answer.hold, hold, cost ?? CHARGED)
  }

  #settled(answer: HoldSettled | null, hold: ModelHold, cost: HoldCost): string {
    const before = hold.status
    const kind = this.#model.settle(hold, cost)
    if (kind === 'already_settled') {
      expect(answer).toEqual({ kind })
      return kind
    }
    const { settledNano: nano, settledTokens: tokens } = hold
    const overrun = { overrunNano: Math.max(0, nano - hold.nano), overrunTokens: Math.max(0, tokens - hold.tokens) }
    expect(answer).toMatchObject({ kind: 'settled', corrected: kind === 'corrected', nano, tokens, ...overrun })
    return `${before} → ${hold.status}`
  }

  async #limit({ place, pattern, source, terms }: Extract<MoneyStep, { kind: 'limit' }>): Promise<string> {
    const limits = [{ pattern, source, terms }]
    const { changed } = await this.#file.store(place).setLimits({ limits, at: this.#model.now })
    expect(changed).toEqual(this.#model.setLimits(pattern, source, terms) ? [pattern] : [])
    return terms === null ? 'removed' : 'set'
  }

  #sweep(place: number): number {
    const charged = this.#model.sweep(this.#owner(place))
    this.#sweptUntil.set(place, this.#model.nextSweep(this.#owner(place)))
    return charged
  }

  #owner(place: number): number {
    return this.#owners[place] as number
  }

  #replace(place: number): string {
    this.#owners[place] = this.#newcomer
    this.#model.join(this.#newcomer++)
    return 'done'
  }

  /** As text: a matcher takes longer than all the rest. */
  async #compare(scope: string): Promise<void> {
    const { now } = this.#model
    const usage = await this.#file.store(now % 2).readUsage(scope, now)
    const limits = this.#model.limitsOf(scope) ?? []
    const expected = [null, ...limits.map(({ window }) => window)].map((window) => this.#model.sums(scope, window))
    const found = usage === null ? [] : [usage, ...usage.limits].map(sumsOf)
    expect(`${scope} ${JSON.stringify(found)}`).toBe(`${scope} ${JSON.stringify(expected)}`)
    expect(usage?.limits.map(({ terms }) => terms)).toEqual(limits)
  }
}

function sumsOf({ spentNano, heldNano, spentTokens, heldTokens, calls }: ModelSums): ModelSums {
  return { spentNano, heldNano, spentTokens, heldTokens, calls }
}

const OPEN = { status: 'open', counted: true, settledNano: 0, settledTokens: 0, endedAt: 0 } as const

function costOf({ as, share }: { as: string; share: number }, { nano, tokens }: ModelHold): HoldCost | null {
  if (as === 'silent') return null
  if (as === 'charged') return CHARGED
  if (as !== 'spent') return { kind: 'released', sent: as === 'released' }
  const amount = { nano: Math.floor(nano * share), tokens: Math.floor(tokens * share) }
  return { kind: 'spent', ...amount, exactUsd: null, priceVersion: null, estimated: false }
}
