import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { LimitTerms, LimitWindow } from '../limit-records.ts'
import type { RunRef } from '../records.ts'
import type { OpenRun } from '../run-verbs.ts'
import type { Store } from '../store.ts'
import { another } from './testing/effect-limit-fixture.ts'
import { AT, openRun, openStore } from './testing/fixture.ts'
import { limit, setLimits } from './testing/money-fixture.ts'

const DAY_MS = 86_400_000
const ROLLING_MS = 3_600_000
const TOOLS = ['mail', 'pay'] as const
const RUNS = ['parent', 'child', 'other'] as const
const SCOPES = ['run:parent', 'run:child', 'run:other', 'user', 'org'] as const

type RunName = (typeof RUNS)[number]
type ScopeName = (typeof SCOPES)[number]
type Limits = Readonly<Record<ScopeName, readonly LimitTerms[]>>

const SCOPES_OF: Readonly<Record<RunName, readonly ScopeName[]>> = {
  parent: ['run:parent', 'user', 'org'],
  child: ['run:child', 'run:parent', 'user', 'org'],
  other: ['run:other', 'org'],
}

const window = fc.constantFrom<LimitWindow>(null, { every: 'day', timeZone: 'UTC' }, { rollingMs: ROLLING_MS })
const most = fc.integer({ min: 0, max: 6 })
const terms: fc.Arbitrary<LimitTerms> = fc
  .record({
    window,
    mode: fc.constantFrom('hard', 'hard', 'soft'),
    effects: fc.option(most),
    tools: fc.uniqueArray(fc.record({ tool: fc.constantFrom(...TOOLS), effects: most }), {
      maxLength: 2,
      selector: ({ tool }) => tool,
    }),
  })
  .map(limit)
const list = fc.array(terms, { maxLength: 2 })
const limits: fc.Arbitrary<Limits> = fc.record({
  ...{ 'run:parent': list, 'run:child': list, 'run:other': list },
  ...{ user: list, org: list },
})

const step = fc.record({
  run: fc.constantFrom(...RUNS),
  tool: fc.constantFrom(...TOOLS),
  pauseMs: fc.oneof(fc.nat(1_000), fc.nat(ROLLING_MS), fc.nat(DAY_MS / 2)),
  isRead: fc.boolean(),
})

interface Done {
  readonly run: RunName
  readonly tool: string
  readonly at: number
}

/** The rules in words of their own: what has happened so far, and whether one more may. */
class Model {
  readonly #limits: Limits
  readonly done: Done[] = []

  constructor(all: Limits) {
    this.#limits = all
  }

  allows(one: Done): boolean {
    return SCOPES_OF[one.run].every((scope) => {
      const hard = this.#limits[scope].filter(({ mode }) => mode === 'hard')
      return hard.every((each) => this.#fits(scope, each, one))
    })
  }

  #fits(scope: ScopeName, { window: over, effects, tools }: LimitTerms, { tool, at }: Done): boolean {
    if (effects !== null && this.count(scope, over, at) >= effects) return false
    return tools.every((each) => each.tool !== tool || this.count(scope, over, at, tool) < each.effects)
  }

  count(scope: ScopeName, over: LimitWindow, now: number, tool?: string): number {
    const inScope = this.done.filter(({ run }) => SCOPES_OF[run].includes(scope))
    return inScope.filter((one) => (tool === undefined || one.tool === tool) && isWithin(over, one.at, now)).length
  }
}

function isWithin(over: LimitWindow, at: number, now: number): boolean {
  if (over === null) return true
  if ('every' in over) return Math.floor(at / DAY_MS) === Math.floor(now / DAY_MS)
  // Of the sixtieth that it came in, the last millisecond decides.
  const width = ROLLING_MS / 60
  return Math.floor(at / width) * width + width - 1 > now - ROLLING_MS
}

/** One round with names of its own, in a store that has seen others. */
class Round {
  readonly #store: Store
  readonly #all: Limits
  readonly #prefix: string

  constructor(store: Store, all: Limits, number: number) {
    this.#store = store
    this.#all = all
    this.#prefix = `${number}-`
  }

  async open(): Promise<Readonly<Record<RunName, RunRef>>> {
    await setLimits(this.#store, { [this.#named('user')]: this.#all.user, [this.#named('org')]: this.#all.org })
    const [user, org] = [this.#named('user'), this.#named('org')]
    const parent = await this.#openRun('parent', { scopes: [user, org] })
    const within = { parent: { run: parent, lane: 'root', effect: null } }
    const child = await this.#openRun('child', { ...within, scopes: [user, org] })
    return { parent, child, other: await this.#openRun('other', { scopes: [org] }) }
  }

  /** What the store says of each limit that counts effects, beside what the model does. */
  async compare(model: Model, at: number): Promise<void> {
    for (const scope of SCOPES) {
      const usage = await this.#store.readUsage(this.#named(scope), at)
      for (const [index, { window: over, effects, tools }] of this.#all[scope].entries()) {
        if (effects === null && tools.length === 0) continue
        const counts = tools.map(({ tool }) => ({ tool, effects: model.count(scope, over, at, tool) }))
        expect(usage?.limits[index]).toMatchObject({ effects: model.count(scope, over, at), tools: counts })
      }
    }
  }

  #openRun(name: RunName, overrides: Partial<OpenRun>): Promise<RunRef> {
    return openRun(this.#store, { id: this.#prefix + name, limits: this.#all[`run:${name}`], ...overrides })
  }

  #named(scope: ScopeName): string {
    return scope.startsWith('run:') ? `run:${this.#prefix}${scope.slice(4)}` : this.#prefix + scope
  }
}

test('effects count on all scopes of their run and stop where one is full, whatever comes in whatever order', async () => {
  const store = openStore(':memory:')
  let rounds = 0
  await fc.assert(
    fc.asyncProperty(limits, fc.array(step, { minLength: 1, maxLength: 25 }), async (all, steps) => {
      const round = new Round(store, all, ++rounds)
      const runs = await round.open()
      const model = new Model(all)
      let at = AT
      for (const { run, tool, pauseMs, isRead } of steps) {
        at += pauseMs
        const one = { run, tool, at }
        const isAllowed = model.allows(one)
        const started = isRead ? store.startRead({ ...one, run: runs[run] }) : another(store, runs[run], { tool, at })
        const begins = isRead ? 'open' : 'claimed'
        expect((await started).kind).toBe(isAllowed ? begins : 'limited')
        if (isAllowed) model.done.push(one)
        await round.compare(model, at)
      }
    }),
    { seed: 4, numRuns: 600 },
  )
  expect(await store.verify()).toEqual([])
})
