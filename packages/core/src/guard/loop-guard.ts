import type { LedgerContext } from '../config/ledger-context.ts'
import type { LoopSettings } from '../config/loop-options.ts'
import { LoopDetectedError } from '../errors/loop-detected-error.ts'
import type { LoopWatch, StartedCall } from '../lane/loop-watch.ts'
import { AnsweredCall, type Call, UNKNOWN_RESULT } from './answered-call.ts'
import { detectorsFor, LEAST_ROUNDS } from './detectors.ts'
import { GuardedCall } from './guarded-call.ts'
import type { LaneLoops } from './lane-loops.ts'
import { adviceOn } from './loop-advice.ts'
import { type LoopCount, loopCounts } from './loop-counts.ts'
import type { Loop, LoopDetector, Past } from './loop-detector.ts'
import { LoopMemory } from './loop-memory.ts'
import { signatureOf } from './signature.ts'

const LEAST_REMEMBERED = 64

/** What a guard is told of the run that it looks after. */
export interface LoopGuardFacts {
  readonly context: Pick<LedgerContext, 'clock' | 'events' | 'redact'>
  readonly settings: LoopSettings
  /** Undefined: it looks after what is called outside of runs. */
  readonly runId?: string
  /**
   * Whether what the record answers is a reason to stop. In a later attempt of a run it is not: that was opened to get
   * beyond it. @default true
   */
  readonly countsServed?: boolean
}

/** A call, in a lane or in whatever stands for one. */
export type CallToWatch = Omit<StartedCall, 'lane'> & { readonly lane: object }

/** What a call was answered, about to be counted. */
export interface CountedAnswer {
  readonly result: string
  readonly since: number
  /** About when the record was first given what it answers; undefined: it is new. */
  readonly servedAt?: number | undefined
}

/**
 * Sees when the calls of one run go round in circles. It writes nothing and remembers a bounded number of calls; of a
 * resumed run it hears again what the record answers.
 */
export class LoopGuard implements LoopWatch {
  readonly #facts: LoopGuardFacts
  readonly #detectors: readonly LoopDetector[]
  readonly #memory: LoopMemory

  constructor(facts: LoopGuardFacts) {
    const { repeats, cycle, sameResult = 0 } = facts.settings
    this.#facts = facts
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

  watch(started: CallToWatch): GuardedCall | undefined {
    const call = this.#callOf(started)
    if (call === undefined) return undefined
    const { lane, since = this.answers } = started
    const newest = this.#memory.lane(lane).calls.newest
    const announced = newest?.isOpen === true && newest.signature === call.signature ? newest : undefined
    announced?.close()
    return new GuardedCall(this, { lane, call, since, announced })
  }

  /**
   * Counts a call that happens where the guard cannot see it, and whose result it will only know if the same is watched
   * next. Answers with what it must be stopped with.
   */
  announce(started: CallToWatch): LoopDetectedError | undefined {
    const call = this.#callOf(started)
    if (call === undefined) return undefined
    const loop = this.loopOf(started.lane, call)
    if (loop !== undefined) return loop
    const announced = this.count(started.lane, call, { result: UNKNOWN_RESULT, since: this.answers })
    announced?.open()
    return undefined
  }

  /** What stops a call that would carry on a loop. */
  loopOf(lane: object, call: Call): LoopDetectedError | undefined {
    const past = this.#pastOf(this.#memory.lane(lane), this.#now())
    const judged = this.#facts.countsServed === false ? withoutServed(past) : past
    for (const detector of this.#detectors) {
      const loop = detector.find(call, judged)
      if (loop !== undefined) return this.#errorOf(loop, call)
    }
    return undefined
  }

  /** One that was announced is counted already, and only its result is new. */
  count(of: object, call: Call, { result, since, servedAt }: CountedAnswer): AnsweredCall | undefined {
    const lane = this.#memory.lane(of)
    const served = servedAt !== undefined
    const at = servedAt ?? this.#now()
    if (call instanceof AnsweredCall) call.become(result, served)
    const counted = call instanceof AnsweredCall ? call : this.#memory.add(lane, call, { result, at, since, served })
    if (counted !== undefined && this.#facts.settings.advise) this.#advise(lane, call, at, served)
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

  #callOf(started: CallToWatch): Call | undefined {
    const { settings, context } = this.#facts
    const { tool, args } = started
    const secret = started.secret || context.redact !== undefined
    return settings.exempt.has(tool) ? undefined : { tool, signature: signatureOf({ tool, args, secret }, settings) }
  }

  #advise(lane: LaneLoops, { tool, signature }: Call, at: number, served: boolean): void {
    const loop = this.#loopAhead(this.#pastOf(lane, at))
    const advice = loop === undefined ? undefined : adviceOn(loop)
    lane.advise(tool, advice)
    // What is served was told of when it happened.
    if (loop === undefined || advice === undefined || served) return
    const { context, runId = '' } = this.#facts
    const { detector, count } = loop
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

  #pastOf(lane: LaneLoops, now: number): Past {
    return { lane: lane.calls.all, run: this.#memory.run.all, now }
  }

  #errorOf({ detector, count, tools }: Loop, { tool, signature }: Call): LoopDetectedError {
    const { runId, settings } = this.#facts
    const pattern = tools.join(' → ')
    const windowMs = detector === 'window' ? settings.windowMs : undefined
    return new LoopDetectedError({ tool, callCount: count + 1, signature, pattern, detector, windowMs, runId })
  }

  #now(): number {
    return this.isTimed ? this.#facts.context.clock.now() : 0
  }
}

function withoutServed({ lane, run, now }: Past): Past {
  return { lane: lane.filter(isLive), run: run.filter(isLive), now }
}

function isLive({ served }: AnsweredCall): boolean {
  return !served
}
