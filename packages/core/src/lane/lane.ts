import type { LaneCall, LaneHistory } from '../store/read-verbs.ts'
import { LaneRecord, type RecordedAnswer } from './lane-record.ts'
import { isAnswered } from './recorded-calls.ts'

/** So many things in a row that are on no record, an agent does not do between two that are. */
const MAX_UNHEARD = 64

/**
 * A strand of a run in which things happen one after another: its root, an effect's body. While it resumes it
 * serves what an earlier execution recorded in it; once that is used up it is live.
 */
export class Lane {
  /** An earlier execution may have left something in it, or below it. */
  readonly wasRecorded: boolean
  readonly #makeId: () => string
  #id: string | undefined
  #record: LaneRecord | undefined
  #ordinals: Map<string, number> | undefined
  #callsSeen = 0
  #reads = 0
  #works = 0
  #progress = 0
  #answers = 0
  /** Things in a row that are on no record; without end once one was asked for that could have been. */
  #unheard = 0

  /** `history` is what an earlier execution recorded; absent for a lane that is new. */
  constructor(id: string | (() => string), history?: LaneHistory) {
    this.#makeId = typeof id === 'string' ? () => id : id
    this.wasRecorded = history !== undefined
    this.#record = history === undefined ? undefined : new LaneRecord(history)
  }

  /** Made when something first happens in the lane: in most bodies nothing does. */
  get id(): string {
    this.#id ??= this.#makeId()
    return this.#id
  }

  /** Calls of this lane that were served or made so far in this execution. */
  get callsSeen(): number {
    return this.#callsSeen
  }

  /** Changes whenever a strand of this lane got on: says whether waiting for the others still helps. */
  get progress(): number {
    return this.#progress
  }

  /** Answers that this execution has put on record. */
  get answers(): number {
    return this.#answers
  }

  /** Notes an answer that goes on record. Says how many did so since there were that many: while it was in flight. */
  countAnswer(since: number): number {
    return this.#answers++ - since
  }

  /**
   * Notes something that is on no record. The attempt of the run that it belongs to, if the lane is only going through
   * its record again: undefined as soon as it is live.
   */
  goesThrough(): number | undefined {
    return this.#unheard++ < MAX_UNHEARD ? this.#record?.attempt : undefined
  }

  /** The next recorded answer to one of these keys; each is given once. */
  takeAnswer(keys: readonly Buffer[]): RecordedAnswer | undefined {
    return this.#served(this.#record?.takeAnswer(keys))
  }

  /** Notes that the writes of these keys have been reached. True for one that an earlier execution had claimed. */
  reach(keys: readonly Buffer[]): boolean {
    this.#progress++
    const wasClaimed = this.#record?.reach(keys) ?? false
    if (this.#record?.isEmpty === true) this.#record = undefined
    return wasClaimed
  }

  /** Notes that a child run of this id is opened here: what an earlier execution did in it is its own record's now. */
  reachChild(id: string): void {
    this.#progress++
    this.#record?.reachChild(id)
  }

  /** Recorded writes that this execution has not reached again, and that a model may now word differently. */
  unreachedWrites(): readonly { readonly tool: string }[] {
    return this.#record?.unreachedWrites() ?? []
  }

  /** The recorded call that answers this request, given once. */
  takeCall(exact: Buffer, masked: Buffer, rest: string): LaneCall | undefined {
    const call = this.#record?.takeCall(exact, masked, rest)
    this.#served(call !== undefined && isAnswered(call) ? call : undefined)
    return call
  }

  /** The first recorded call that nothing has asked for yet: what a diverging one is compared with. */
  nextCall(): LaneCall | undefined {
    return this.#record?.nextCall()
  }

  /**
   * The number of a read among all of the lane, in every execution: names the lane of its body without a count per key.
   * One that wrote before, among others that come in another order now, keeps the number that it had.
   */
  nextRead(keys: readonly Buffer[]): number {
    this.#reads++
    return this.#record?.reachRead(keys, this.#reads) ?? this.#reads
  }

  /** Notes that work is reached that is recorded as a whole: what was written in it is looked after by its own lane. */
  reachWork(key: Buffer, number: number): number {
    this.#progress++
    return this.#record?.reachRead([key], number) ?? number
  }

  /** The number of a call among all of the lane: as that of a read, but what was written in it is reached with its answer. */
  nextWork(): number {
    return ++this.#works
  }

  countCall(): void {
    this.#callsSeen++
    this.#progress++
  }

  /** Counts equal things of this lane from 1, in every execution: repeatable keys, children. */
  nextOrdinal(of: string): number {
    this.#ordinals ??= new Map()
    const ordinal = (this.#ordinals.get(of) ?? 0) + 1
    this.#ordinals.set(of, ordinal)
    return ordinal
  }

  #served<T>(recorded: T | undefined): T | undefined {
    this.#unheard = recorded === undefined ? MAX_UNHEARD : 0
    return recorded
  }
}
