import type { Answer } from '../store/effect-verbs.ts'
import type { Refused, RunRef } from '../store/records.ts'
import type { Store } from '../store/store.ts'
import type { Clock } from '../util/clock.ts'

const MAX_ROWS = 128
const MAX_DELAY_MS = 100

type OnRefused = (refused: Refused | Error, answers: readonly Answer[]) => void

/**
 * Answers on their way to the store. They may be lost with the process, never reordered: whatever verb follows is
 * issued after `flush`, so a crash leaves a prefix of what happened.
 */
export class AnswerBuffer {
  readonly #store: Store
  readonly #clock: Clock
  readonly #ref: RunRef
  readonly #onRefused: OnRefused
  #rows: Answer[] = []
  #stopTimer: (() => void) | undefined
  #flushed: Promise<void> = Promise.resolve()

  constructor(store: Store, clock: Clock, ref: RunRef, onRefused: OnRefused) {
    this.#store = store
    this.#clock = clock
    this.#ref = ref
    this.#onRefused = onRefused
  }

  add(answer: Answer): void {
    this.#rows.push(answer)
    if (this.#rows.length >= MAX_ROWS) this.flush()
    else this.#stopTimer ??= this.#clock.after(MAX_DELAY_MS, () => this.flush())
  }

  /** Hands over what is buffered; the store keeps the order of what it is given. */
  flush(): void {
    if (this.#rows.length === 0) return
    const rows = this.#rows
    this.#rows = []
    this.#stopTimer?.()
    this.#stopTimer = undefined
    const written = this.#store.recordAnswers(this.#ref, rows).then(
      (answer) => {
        if (answer.kind === 'refused') this.#onRefused(answer, rows)
      },
      (error: Error) => this.#onRefused(error, rows),
    )
    this.#flushed = Promise.all([this.#flushed, written]).then(() => undefined)
  }

  /** Resolves when everything added so far is on record, or has been refused. */
  async drained(): Promise<void> {
    this.flush()
    await this.#flushed
  }
}
