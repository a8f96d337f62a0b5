import assert from 'node:assert/strict'
import { type Ledger, type Saga, saga, tool } from 'holdfast'
import { type Order, orderOf } from './payload.ts'
import { timed } from './rounds.ts'

export const GROUPS = 5
const BOOM = new Error('the eleventh step cannot be asked for')

type Booking = { readonly id: string }

/** A saga that does ten things, two by two, and then fails, so that they are all undone. */
export class OurSagas {
  readonly #ledger: Ledger
  readonly #saga: Saga<string>
  #undone = 0

  constructor(ledger: Ledger) {
    this.#ledger = ledger
    this.#saga = this.#tenSteps()
  }

  /** A round of sagas, one after the other: microseconds per saga. */
  round(name: string, sagas: number): Promise<number> {
    return timed(sagas, async () => {
      for (let n = 0; n < sagas; n++) await this.#fail(`${name}-${n}`)
    })
  }

  /** What is asserted outside the clock: every saga undid all it had done. */
  async assertAllUndone(sagas: number): Promise<void> {
    assert.equal(this.#undone, sagas * GROUPS * 2)
    const { status } = (await this.#ledger.runs.list({ limit: 1 }))[0] ?? {}
    assert.equal(status, 'compensated')
  }

  async #fail(id: string): Promise<void> {
    const failed = await this.#saga.execute(id, { ledger: this.#ledger, id }).catch((error: unknown) => error)
    assert.equal(failed, BOOM)
  }

  #tenSteps(): Saga<string> {
    const book = tool({
      name: 'book',
      execute: async ({ id }: Booking) => orderOf(id),
      compensate: async (_booked: Order) => {
        this.#undone++
      },
    })
    let steps = saga<string>('book-all')
    for (let group = 0; group < GROUPS; group++) {
      steps = steps.parallel((members) =>
        members
          .step(`left-${group}`, book, (id) => ({ id: `${id}-left-${group}` }))
          .step(`right-${group}`, book, (id) => ({ id: `${id}-right-${group}` })),
      ) as Saga<string>
    }
    // Nothing is written for a step whose arguments cannot be made.
    return steps.step('last', book, () => {
      throw BOOM
    }) as Saga<string>
  }
}
