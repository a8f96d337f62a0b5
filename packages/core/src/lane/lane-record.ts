import type { LaneCall, LaneEffect, LaneHistory, WrittenBelow } from '../store/read-verbs.ts'
import type { AnswerRecord } from '../store/records.ts'
import { readPart } from '../util/effect-key-text.ts'
import { AttemptsLeft } from './attempts-left.ts'
import type { AnsweredSpan } from './loop-watch.ts'
import { isAnswered, RecordedCalls } from './recorded-calls.ts'

/** What one earlier `perform` of a key gave back: the effect's own row, or an answer row. */
export type RecordedAnswer = (
  | { readonly kind: 'effect'; readonly effect: LaneEffect }
  | { readonly kind: 'answer'; readonly answer: Omit<AnswerRecord, 'body'> }
) & {
  /** The attempt of the run that was given it. */
  readonly attempt: number
  /** From when to when it was in flight. */
  readonly span: AnsweredSpan
}

const MAY_HAVE_HAPPENED: ReadonlySet<string> = new Set(['succeeded', 'unknown', 'processing'])

/** What an earlier execution recorded in a lane and this one has not reached again. */
export class LaneRecord {
  readonly #answers = new Map<string, RecordedAnswer[]>()
  readonly #unreached = new Map<string, LaneEffect>()
  /** Writes below this lane, by what leads to them: a child run, a read, a work. */
  readonly #below = new Map<string, WrittenBelow[]>()
  readonly #calls: RecordedCalls
  readonly #left = new AttemptsLeft()
  readonly #retriedAt: readonly number[]

  constructor(history: LaneHistory) {
    this.#calls = new RecordedCalls(history.calls)
    this.#retriedAt = history.retriedAt
    for (const call of history.calls) if (isAnswered(call)) this.#left.add(this.#attemptAt(call.at))
    for (const effect of history.effects) {
      this.#unreached.set(text(effect.key), effect)
      if (effect.plain && hasOutcome(effect))
        this.#push(effect.key, { kind: 'effect', effect, attempt: this.#attemptAt(effect.at), span: spanOf(effect) })
    }
    let ended = 0
    for (const answer of history.answers) {
      if (answer.kind !== 'value') ended++
      const span = { measure: 'answers', began: ended - 1 - answer.beside, ended } as const
      this.#push(answer.key, { kind: 'answer', answer, attempt: this.#attemptAt(answer.at), span })
    }
    for (const written of history.below) append(this.#below, wayTo(written), written)
  }

  get isEmpty(): boolean {
    return [this.#answers, this.#unreached, this.#below].every(({ size }) => size === 0) && this.#calls.isEmpty
  }

  /** The first attempt of the run that something is left of. */
  get attempt(): number | undefined {
    return this.#left.first
  }

  takeAnswer(keys: readonly Buffer[]): RecordedAnswer | undefined {
    for (const key of keys) {
      const next = takeAt(this.#answers, text(key), 0)
      if (next === undefined) continue
      this.#left.take(next.attempt)
      return next
    }
    return undefined
  }

  /** True if an earlier execution had claimed one of them. */
  reach(keys: readonly Buffer[]): boolean {
    if (this.#below.size > 0) for (const key of keys) this.#below.delete(`effect:${readPart(key)}`)
    return keys.map((key) => this.#unreached.delete(text(key))).includes(true)
  }

  /** What a read or work wrote is from now on looked after by its own lane: that one's number, if it did. */
  reachRead(keys: readonly Buffer[], number: number): number | undefined {
    if (this.#below.size === 0) return undefined
    for (const key of keys) {
      const way = `read:${readPart(key)}`
      const same = this.#below.get(way)?.findIndex(({ id }) => numberOf(id) === number) ?? -1
      const written = takeAt(this.#below, way, Math.max(same, 0))
      if (written !== undefined) return numberOf(written.id)
    }
    return undefined
  }

  /** What this child run wrote is from now on looked after by its own record. */
  reachChild(id: string): void {
    this.#below.delete(`child:${id}`)
  }

  /** Those whose key depends on how a model words its arguments: going live now could repeat them under other keys. */
  unreachedWrites(): readonly { readonly tool: string }[] {
    const own = [...this.#unreached.values()]
    const atRisk = own.filter((effect) => !effect.callerKeyed && MAY_HAVE_HAPPENED.has(effect.status))
    return [...atRisk, ...[...this.#below.values()].flat()]
  }

  takeCall(exact: Buffer, masked: Buffer, rest: string): LaneCall | undefined {
    const call = this.#calls.take(exact, masked, rest)
    if (call !== undefined && isAnswered(call)) this.#left.take(this.#attemptAt(call.at))
    return call
  }

  nextCall(): LaneCall | undefined {
    return this.#calls.next()
  }

  #attemptAt(entries: number): number {
    return 1 + this.#retriedAt.filter((entry) => entry <= entries).length
  }

  #push(key: Buffer, answer: RecordedAnswer): void {
    this.#left.add(answer.attempt)
    append(this.#answers, text(key), answer)
  }
}

/** An effect whose process died in between has no outcome that could be served. */
function hasOutcome(effect: LaneEffect): boolean {
  return effect.status !== 'processing' && effect.status !== 'unknown'
}

/** One that was ended by hand is nobody's neighbour. */
function spanOf({ at, endEntry }: LaneEffect): AnsweredSpan {
  return { measure: 'entries', began: at, ended: endEntry ?? at }
}

function numberOf(readId: string): number {
  return Number(readId.split('.')[1])
}

function wayTo({ through, id }: WrittenBelow): string {
  return through === 'read' ? `read:${id.split('.', 1)[0]}` : `${through}:${id}`
}

function append<T>(queues: Map<string, T[]>, key: string, item: T): void {
  const queue = queues.get(key)
  if (queue === undefined) queues.set(key, [item])
  else queue.push(item)
}

function takeAt<T>(queues: Map<string, T[]>, key: string, index: number): T | undefined {
  const queue = queues.get(key)
  const [taken] = queue?.splice(index, 1) ?? []
  if (queue?.length === 0) queues.delete(key)
  return taken
}

function text(key: Buffer): string {
  return key.toString('latin1')
}
