import type { LaneCall, LaneEffect, LaneHistory } from '../store/read-verbs.ts'
import type { AnswerRecord } from '../store/records.ts'

/** What one earlier `perform` of a key gave back: the effect's own row, or an answer row. */
export type RecordedAnswer =
  | { readonly kind: 'effect'; readonly effect: LaneEffect }
  | { readonly kind: 'answer'; readonly answer: Omit<AnswerRecord, 'body'> }

const MAY_HAVE_HAPPENED: ReadonlySet<string> = new Set(['succeeded', 'unknown', 'processing'])

/** What an earlier execution recorded in a lane and this one has not reached again. */
export class LaneRecord {
  readonly #answers = new Map<string, RecordedAnswer[]>()
  readonly #unreached = new Map<string, LaneEffect>()
  readonly #calls: LaneCall[]

  constructor(history: LaneHistory) {
    this.#calls = history.calls.filter(isAnswered)
    for (const effect of history.effects) {
      this.#unreached.set(text(effect.key), effect)
      if (effect.plain && hasOutcome(effect)) this.#push(effect.key, { kind: 'effect', effect })
    }
    for (const answer of history.answers) this.#push(answer.key, { kind: 'answer', answer })
  }

  get isEmpty(): boolean {
    return this.#answers.size === 0 && this.#unreached.size === 0 && this.#calls.length === 0
  }

  takeAnswer(keys: readonly Buffer[]): RecordedAnswer | undefined {
    for (const key of keys) {
      const queue = this.#answers.get(text(key))
      const next = queue?.shift()
      if (queue?.length === 0) this.#answers.delete(text(key))
      if (next !== undefined) return next
    }
    return undefined
  }

  /** True if an earlier execution had claimed one of them. */
  reach(keys: readonly Buffer[]): boolean {
    return keys.map((key) => this.#unreached.delete(text(key))).includes(true)
  }

  /** Those whose key depends on how a model words its arguments: going live now could repeat them under other keys. */
  unreachedWrites(): readonly LaneEffect[] {
    return [...this.#unreached.values()].filter((effect) => !effect.callerKeyed && MAY_HAVE_HAPPENED.has(effect.status))
  }

  /** The very same request first, so that two that differ only in a date are not mixed up; else the first alike. */
  takeCall(exact: Buffer, masked: Buffer): LaneCall | undefined {
    const same = this.#calls.findIndex((call) => call.exactHash.equals(exact))
    const index = same >= 0 ? same : this.#calls.findIndex((call) => call.maskedHash.equals(masked))
    return index < 0 ? undefined : this.#calls.splice(index, 1)[0]
  }

  nextCall(): LaneCall | undefined {
    return this.#calls[0]
  }

  #push(key: Buffer, answer: RecordedAnswer): void {
    const queue = this.#answers.get(text(key))
    if (queue === undefined) this.#answers.set(text(key), [answer])
    else queue.push(answer)
  }
}

function isAnswered(call: LaneCall): boolean {
  return call.status === 'succeeded' || call.status === 'failed'
}

/** An effect whose process died in between has no outcome that could be served. */
function hasOutcome(effect: LaneEffect): boolean {
  return effect.status !== 'processing' && effect.status !== 'unknown'
}

function text(key: Buffer): string {
  return key.toString('latin1')
}
