import type { HoldCost, HoldTerms, LimitTerms, LimitWindow } from '../../limit-records.ts'

/** A hold as the model has it: one list for all scopes, and every sum is made anew. */
export interface ModelHold {
  readonly id: number
  readonly call: number | null
  readonly scopes: readonly string[]
  readonly nano: number
  readonly tokens: number
  readonly createdAt: number
  readonly owner: number
  readonly leasedAt: number
  status: 'open' | 'settled' | 'released' | 'charged'
  counted: boolean
  settledNano: number
  settledTokens: number
  endedAt: number
}

/** What a refusal says, as far as the model predicts it. */
export interface ModelRefusal {
  readonly what: 'calls' | 'budget' | 'tokens'
  readonly scope: string
  readonly limit: number
  readonly spent: number
  readonly held: number
  readonly requested: number
  readonly waitingHelps: boolean
  readonly resetsAt: number | null
}

export interface ModelSums {
  readonly spentNano: number
  readonly heldNano: number
  readonly spentTokens: number
  readonly heldTokens: number
  readonly calls: number
}

type Source = 'code' | 'runtime'
export const LEASE_MS = 60_000

/** Limits, holds and the time, without any counter. */
export class MoneyModel {
  now: number
  readonly holds: ModelHold[] = []
  readonly limits = new Map<string, Partial<Record<Source, readonly LimitTerms[]>>>()
  readonly #alive = new Set<number>()

  constructor(now: number, owners: readonly number[]) {
    this.now = now
    for (const owner of owners) this.#alive.add(owner)
  }

  join(owner: number): void {
    this.#alive.add(owner)
  }

  die(owner: number): void {
    this.#alive.delete(owner)
  }

  setLimits(pattern: string, source: Source, terms: readonly LimitTerms[] | null): boolean {
    const { [source]: before, ...others } = this.limits.get(pattern) ?? {}
    this.limits.set(pattern, terms === null ? others : { ...others, [source]: terms })
    return JSON.stringify(before ?? null) !== JSON.stringify(terms)
  }

  /** What was set at run time, else what the code says; of either the exact name, else the longest pattern. */
  limitsOf(scope: string): readonly LimitTerms[] | null {
    const fitting = [...this.limits.keys()].filter((pattern) =>
      pattern.endsWith('*') ? scope.startsWith(pattern.slice(0, -1)) : pattern === scope,
    )
    const order = fitting.toSorted((one, other) => rank(other) - rank(one))
    const words = (['runtime', 'code'] as const).flatMap((source) =>
      order.map((pattern) => this.limits.get(pattern)?.[source]),
    )
    return words.find((terms) => terms !== undefined) ?? null
  }

  sums(scope: string, window: LimitWindow): ModelSums {
    const own = this.holds.filter(({ scopes }) => scopes.includes(scope))
    const began = own.filter(({ createdAt }) => this.isIn(window, createdAt))
    const isRolling = window !== null && 'rollingMs' in window
    const held = (isRolling ? own : began).filter(({ status }) => status === 'open')
    const ended = own.filter(({ status }) => status === 'settled' || status === 'charged')
    const gone = ended.filter(({ createdAt, endedAt }) => this.isIn(window, isRolling ? endedAt : createdAt))
    return {
      spentNano: sum(gone.map(({ settledNano }) => settledNano)),
      heldNano: sum(held.map(({ nano }) => nano)),
      spentTokens: sum(gone.map(({ settledTokens }) => settledTokens)),
      heldTokens: sum(held.map(({ tokens }) => tokens)),
      calls: began.filter(({ counted }) => counted).length,
    }
  }

  /** Whether a time belongs to the present period. */
  isIn(window: LimitWindow, time: number): boolean {
    if (window === null) return true
    if ('rollingMs' in window) return outAt(time, window.rollingMs) > this.now
    return dateOf(time, window.timeZone) === dateOf(this.now, window.timeZone)
  }

  /** Charges what is left of owners that are gone; never the asker's own. */
  sweep(asker: number): number {
    const left = this.holds.filter((hold) => hold.status === 'open' && hold.owner !== asker && this.#isGone(hold))
    for (const hold of left) this.settle(hold, { kind: 'charged' })
    return left.length
  }

  /** When a refusal sweeps next: once a lease of somebody else can be over, or somebody may have been gone for a second. */
  nextSweep(asker: number): number {
    const others = this.holds.filter((hold) => hold.status === 'open' && hold.owner !== asker)
    return Math.min(this.now + 1_000, ...others.map(({ leasedAt }) => leasedAt + LEASE_MS + 1))
  }

  #isGone({ owner, leasedAt }: ModelHold): boolean {
    return !this.#alive.has(owner) || this.now > leasedAt + LEASE_MS
  }

  settle(hold: ModelHold, cost: HoldCost): 'settled' | 'corrected' | 'already_settled' {
    const isFirst = hold.status === 'open'
    const mayCorrect =
      hold.status === 'charged' ? cost.kind !== 'charged' : hold.status === 'released' && cost.kind === 'spent'
    if (!isFirst && !mayCorrect) return 'already_settled'
    hold.status = cost.kind === 'spent' ? 'settled' : cost.kind
    hold.counted = cost.kind !== 'released' || cost.sent
    hold.settledNano = cost.kind === 'spent' ? cost.nano : cost.kind === 'charged' ? hold.nano : 0
    hold.settledTokens = cost.kind === 'spent' ? cost.tokens : cost.kind === 'charged' ? hold.tokens : 0
    hold.endedAt = this.now
    return isFirst ? 'settled' : 'corrected'
  }

  /** The most that fits everywhere, tried one by one; or why not even the least does. */
  admit(
    scopes: readonly string[],
    terms: HoldTerms,
  ): { nano: number; tokens: number; outputTokens: number } | ModelRefusal {
    const { least, most } = terms.output
    for (let outputTokens = most; outputTokens >= least; outputTokens--) {
      const asked = sizeOf(terms, outputTokens)
      if (this.#refusals(scopes, asked, terms.final).length === 0) return { ...asked, outputTokens }
    }
    return this.#told(scopes, terms)
  }

  /** The store words its refusal for the most that money and tokens afford, and at least for the least. */
  #told(scopes: readonly string[], terms: HoldTerms): ModelRefusal {
    const { least, most } = terms.output
    const fits = (outputTokens: number) =>
      this.#refusals(scopes, sizeOf(terms, outputTokens), terms.final).every(({ what }) => what === 'calls')
    let outputTokens = most
    while (outputTokens > least && !fits(outputTokens)) outputTokens--
    const refusals = this.#refusals(scopes, sizeOf(terms, outputTokens), terms.final)
    return (refusals.find(({ waitingHelps }) => !waitingHelps) ?? refusals[0]) as ModelRefusal
  }

  #refusals(
    scopes: readonly string[],
    asked: { nano: number; tokens: number },
    final: boolean,
  ): readonly ModelRefusal[] {
    return scopes.flatMap((scope) =>
      (this.limitsOf(scope) ?? []).flatMap((limit) =>
        limit.mode === 'hard' ? this.#against(scope, limit, asked, final) : [],
      ),
    )
  }

  #against(
    scope: string,
    limit: LimitTerms,
    asked: { nano: number; tokens: number },
    final: boolean,
  ): readonly ModelRefusal[] {
    const has = this.sums(scope, limit.window)
    const budget = limit.budgetNano === null ? null : limit.budgetNano - (final ? 0 : limit.finalReserveNano)
    const rows = [
      { what: 'calls', limit: limit.calls, spent: has.calls, held: 0, requested: 1 },
      { what: 'budget', limit: budget, spent: has.spentNano, held: has.heldNano, requested: asked.nano },
      { what: 'tokens', limit: limit.tokens, spent: has.spentTokens, held: has.heldTokens, requested: asked.tokens },
    ] as const
    return rows.flatMap(({ what, limit: most, spent, held, requested }) => {
      // The last word of a run is one call more.
      const more = what === 'calls' && final && scope.startsWith('run:') ? 1 : 0
      if (most === null || requested === 0 || spent + held + requested <= most + more) return []
      const waitingHelps = what !== 'calls' && spent + requested <= most
      const resetsAt = this.#resetsAt(scope, limit.window, what)
      return [{ what, scope, limit: most, spent, held, requested, waitingHelps, resetsAt }]
    })
  }

  #resetsAt(scope: string, window: LimitWindow, what: ModelRefusal['what']): number | null {
    if (window === null) return null
    if (!('rollingMs' in window)) return nextDateAt(this.now, window.timeZone)
    const own = this.holds.filter(({ scopes }) => scopes.includes(scope))
    const times = own.flatMap((hold) => timesOf(hold, what)).filter((time) => this.isIn(window, time))
    return times.length === 0 ? null : Math.min(...times.map((time) => outAt(time, window.rollingMs)))
  }
}

/** When something of a kind came in that counts, and is not only held. */
function timesOf(hold: ModelHold, what: ModelRefusal['what']): readonly number[] {
  if (what === 'calls') return hold.counted ? [hold.createdAt] : []
  const amount = what === 'budget' ? hold.settledNano : hold.settledTokens
  return hold.status !== 'open' && amount > 0 ? [hold.endedAt] : []
}

export function sizeOf({ inputNano, inputTokens, outputRate }: HoldTerms, outputTokens: number) {
  return { nano: inputNano + Math.ceil((outputTokens * outputRate) / 1e6), tokens: inputTokens + outputTokens }
}

/** A sixtieth of the window counts as long as any of it is inside. */
function outAt(time: number, rollingMs: number): number {
  const width = Math.ceil(rollingMs / 60)
  const last = time - (time % width) + width - 1
  return last + rollingMs
}

function rank(pattern: string): number {
  return pattern.endsWith('*') ? pattern.length : Number.POSITIVE_INFINITY
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0)
}

const formats = new Map<string, Intl.DateTimeFormat>()

function dateOf(time: number, timeZone: string): string {
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' })
  formats.set(timeZone, format)
  return format.format(time)
}

/** The first moment of the next date, found by halving. */
function nextDateAt(time: number, timeZone: string): number {
  let [same, other] = [time, time + 26 * 3_600_000]
  while (other - same > 1) {
    const middle = Math.floor((same + other) / 2)
    if (dateOf(middle, timeZone) === dateOf(time, timeZone)) same = middle
    else other = middle
  }
  return other
}
