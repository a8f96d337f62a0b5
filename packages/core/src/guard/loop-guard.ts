import type { LedgerContext } from '../config/ledger-context.ts'
import type { LoopSettings } from '../config/loop-options.ts'
import { LoopDetectedError } from '../errors/loop-detected-error.ts'
import type { FirstAnswered, LoopWatch, StartedCall } from '../lane/loop-watch.ts'
import { sha256Hex } from '../util/hash.ts'
import { AnsweredCall, type Call, UNKNOWN_RESULT } from './answered-call.ts'
import { detectorsFor, LEAST_ROUNDS } from './detectors.ts'
import { GuardedCall } from './guarded-call.ts'
import type { LaneLoops } from './lane-loops.ts'
import { adviceOn } from './loop-advice.ts'
import { type LoopCount, loopCounts } from './loop-counts.ts'
import type { Loop, LoopDetector, Past } from './loop-detector.ts'
import { LoopMemory } from './loop-memory.ts'
import { resultOf, shownSignature, signatureOf } from './signature.ts'

const LEAST_REMEMBERED = 64

/** What a guard is told of the run that it looks after. */
export interface LoopGuardFacts {
  readonly context: Pick<LedgerContext, 'clock' | 'events' | 'redact'>
  readonly settings: LoopSettings
  /** Undefined: it looks after what is called outside of runs. */
  readonly runId?: string
  /**
   * The attempt that the run is in. What an earlier one did is no reason to stop: this one was opened to get beyond it.
   * @default 1
   */
  readonly attempt?: number
  /** False for a run that is only gone through again: it advises where it did, and tells nobody. @default true */
  readonly stops?: boolean
}

/** A call that is about to be made elsewhere. */
export interface AnnouncedCall {
  /** What it must be stopped with. */
  loop(): LoopDetectedError | undefined
  /** Counts it, as soon as its caller hears that it may be made: what is announced before that is made beside it. */
  told(): void
}

/** What a call was answered, about to be counted. One that names its attempt is none that is new. */
export interface CountedAnswer extends Partial<FirstAnsweredOrNew> {
  /** Undefined for what nobody can compare: it counts as another than all before. */
  readonly text: string | undefined
  readonly since: number
}

type FirstAnsweredOrNew = Omit<FirstAnswered, 'attempt'> & { readonly attempt: number | undefined }

/**
 * Sees when the calls of one run go round in circles. It writes nothing and remembers a bounded number of calls; of a
 * resumed run it hears again what the record answers.
 */
export class LoopGuard implements LoopWatch {
  readonly #facts: LoopGuardFacts
  readonly #detectors: readonly LoopDetector[]
  readonly #memory: LoopMemory
  readonly #attempt: number
  #incomparable = 0

  constructor(facts: LoopGuardFacts) {
    const { repeats, cycle, sameResult = 0 } = facts.settings
    this.#facts = facts
    this.#attempt = facts.attempt ?? 1
    this.#detectors = detectorsFor(facts.settings)
    this.#memory = new LoopMemory({
      run: Math.max(LEAST_REMEMBERED, repeats, sameResult),
      lane: Math.max(LEAST_ROUNDS, repeats) * cycle,
    })
  }

  get answers(): number {
    return this.#memory.answers
  }

  get isTimed(): boolean {
    return this.#facts.settings.windowMs !== undefined
  }

  watch(started: StartedCall): GuardedCall | undefined {
    const call = this.#callOf(started)
    if (call === undefined) return undefined
    const { lane, attempt, since = this.answers } = started
    return new GuardedCall(this, { lane, call, since, attempt, announced: this.#announcedAs(started, call) })
  }

  /** A call that happens where the guard cannot see it, and whose result it will only know if the same is watched next. */
  announce(started: StartedCall): AnnouncedCall | undefined {
    const call = this.#callOf(started)
    if (call === undefined) return undefined
    const { lane, attempt } = started
    const since = this.answers
    return {
      loop: () => this.loopOf(lane, call, attempt),
      told: () => {
        const counted = this.count(lane, call, { text: UNKNOWN_RESULT, since, attempt })
        counted?.open({ args: announcedArgs(started) })
      },
    }
  }

  /** What stops a call that would carry on a loop, unless an earlier attempt was stopped for that. */
  loopOf(lane: object, call: Call, attempt: number = this.#attempt): LoopDetectedError | undefined {
    if (this.#facts.stops === false || attempt < this.#attempt) return undefined
    const past = this.#pastOf(this.#memory.lane(lane), this.#now(), this.#attempt)
    for (const detector of this.#detectors) {
      const loop = detector.find(call, past)
      if (loop !== undefined) return this.#errorOf(loop, call)
    }
    return undefined
  }

  /** One that was announced is counted already, and is answered only now. */
  count(of: object, call: Call, answer: CountedAnswer): AnsweredCall | undefined {
    const lane = this.#memory.lane(of)
    const { text, since, span, at = this.#now(), attempt = this.#attempt } = answer
    const result = text === undefined ? `!${++this.#incomparable}` : resultOf(text)
    if (call instanceof AnsweredCall) this.#memory.withdraw(lane, call)
    const counted = this.#memory.add(lane, call, { result, at, attempt, since, span })
    if (counted !== undefined && this.#facts.settings.advise) this.#advise(lane, counted, answer.attempt === undefined)
    return counted
  }

  counts(): readonly LoopCount[] {
    return loopCounts(this.#memory.run.all)
  }

  /** Forgets the calls of a tool, or of all. */
  reset(tool?: string): void {
    this.#memory.forget(tool)
  }

  /** What is to be said to the agent with its newest answers of a tool, or of any; once. */
  takeAdvice(lane: object, tool?: string): string | undefined {
    return this.#memory.lane(lane).takeAdvice(tool)
  }

  /** The newest of the lane, if it is this call; one that was told by other arguments than it has now is withdrawn. */
  #announcedAs(started: StartedCall, call: Call): AnsweredCall | undefined {
    const lane = this.#memory.lane(started.lane)
    const { newest } = lane.calls
    if (newest?.announced === undefined || newest.tool !== call.tool) return undefined
    if (newest.signature !== call.signature) {
      if (newest.announced.args === announcedArgs(started)) this.#memory.withdraw(lane, newest)
      return undefined
    }
    newest.close()
    return newest
  }

  #callOf(started: StartedCall): Call | undefined {
    const { settings, context } = this.#facts
    const { tool, args } = started
    const secret = started.secret || context.redact !== undefined
    return settings.exempt.has(tool) ? undefined : { tool, signature: signatureOf({ tool, args, secret }, settings) }
  }

  /** By what its own attempt did: that is how it was advised when it happened, and what it would be stopped for. */
  #advise(lane: LaneLoops, call: AnsweredCall, isNew: boolean): void {
    const { tool, at, attempt } = call
    const loop = this.#loopAhead(this.#pastOf(lane, at, attempt))
    if (loop === undefined) return void lane.advise(tool, undefined)
    const { detector, count } = loop
    const advice = adviceOn(loop)
    const signature = shownSignature(call)
    const isFirst = lane.advise(tool, {
      tool,
      text: advice,
      of: `${detector} ${detector === 'stagnation' ? tool : signature}`,
    })
    const { context, runId = '', stops = true } = this.#facts
    // What is on record was told of when it happened.
    if (!isFirst || !isNew || !stops) return
    context.events.emit('loop-advised', { runId, tool, signature, detector, count, advice })
  }

  /** The loop that one more call would be stopped for. */
  #loopAhead(past: Past): Loop | undefined {
    for (const detector of this.#detectors) {
      const next = detector.following(past)
      const loop = next === undefined ? undefined : detector.find(next, past)
      if (loop !== undefined) return loop
    }
    return undefined
  }

  #pastOf(lane: LaneLoops, now: number, attempt: number): Past {
    // In the first attempt there is nothing else.
    const of = (calls: readonly AnsweredCall[]) =>
      this.#attempt === 1 ? calls : calls.filter((call) => call.attempt === attempt)
    return { lane: of(lane.calls.all), run: of(this.#memory.run.all), now }
  }

  #errorOf({ detector, count, tools }: Loop, call: Call): LoopDetectedError {
    const { runId, settings } = this.#facts
    const pattern = tools.join(' → ')
    const windowMs = detector === 'window' ? settings.windowMs : undefined
    const { tool } = call
    const signature = shownSignature(call)
    return new LoopDetectedError({ tool, callCount: count + 1, signature, pattern, detector, windowMs, runId })
  }

  #now(): number {
    return this.isTimed ? this.#facts.context.clock.now() : 0
  }
}

/** As far as it takes to know them again. */
function announcedArgs({ args, raw }: StartedCall): string {
  return sha256Hex(raw?.() ?? args)
}
