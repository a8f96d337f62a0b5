import { EventHub, type LedgerEvents } from '../../config/ledger-events.ts'
import { type LoopOptions, type LoopSettings, resolveLoop } from '../../config/loop-options.ts'
import type { LoopDetectedError } from '../../errors/loop-detected-error.ts'
import type { FirstAnswered } from '../../lane/loop-watch.ts'
import { ManualClock } from '../../util/manual-clock.ts'
import { LoopGuard, type LoopGuardFacts } from '../loop-guard.ts'

/** An agent's calls, straight at the guard: each says what stopped it, or nothing. */
export class GuardedAgent {
  readonly clock = new ManualClock()
  readonly guard: LoopGuard
  /** What listeners of the ledger were told. */
  readonly told: LedgerEvents['loop-advised'][] = []
  readonly lane: object = {}
  #served = 0

  constructor(options: LoopOptions = {}, facts: Partial<Pick<LoopGuardFacts, 'attempt' | 'stops' | 'runId'>> = {}) {
    const events = new EventHub()
    events.on('loop-advised', (event) => this.told.push(event))
    const context = { clock: this.clock, events, redact: undefined }
    this.guard = new LoopGuard({ context, settings: resolveLoop(options) as LoopSettings, ...facts })
  }

  /** A whole call: it starts, unless it is stopped, and is answered. */
  call(tool: string, args: string, result: string, lane: object = this.lane): LoopDetectedError | undefined {
    const watched = this.guard.watch({ lane, tool, args, secret: false })
    const loop = watched?.loop() as LoopDetectedError | undefined
    if (loop === undefined) watched?.answered(result)
    return loop
  }

  /** The same, several times: how many went through before one was stopped. */
  callTimes(times: number, tool: string, args: string, result: string | ((time: number) => string)): number {
    for (let time = 0; time < times; time++) {
      const given = typeof result === 'string' ? result : result(time)
      if (this.call(tool, args, given) !== undefined) return time
    }
    return times
  }

  /** What an earlier execution was given, and this one is again: one after the other, unless its place says more. */
  serve(tool: string, args: string, result: string | undefined, first: Partial<FirstAnswered> = {}): void {
    const span = { measure: 'answers', began: this.#served, ended: ++this.#served } as const
    const watched = this.guard.watch({ lane: this.lane, tool, args, secret: false })
    watched?.served(result, { at: 0, attempt: 1, span, ...first })
  }

  /** Starts a call, to be answered later. */
  start(tool: string, args: string, lane: object = this.lane): { answer(result: string): void; stopped: boolean } {
    const watched = this.guard.watch({ lane, tool, args, secret: false })
    return { answer: (result) => watched?.answered(result), stopped: watched?.loop() !== undefined }
  }

  announce(tool: string, args: string): LoopDetectedError | undefined {
    const announced = this.guard.announce({ lane: this.lane, tool, args, secret: false })
    const loop = announced?.loop()
    if (loop === undefined) announced?.told()
    return loop
  }
}
