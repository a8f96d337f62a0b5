import assert from 'node:assert/strict'
import { type Ledger, saga, tool } from 'holdfast'
import { orderOf } from './payload.ts'
import { timed } from './rounds.ts'

const STEPS = 10
const FAILED = new Error('the arguments of the last step cannot be made')

/** Sagas that do ten things, two by two, and then fail, so that all ten are undone. */
export class OurSagas {
  readonly #ledger: Ledger
  readonly #saga: ReturnType<typeof bookAll>
  #undone = 0

  constructor(ledger: Ledger) {
    this.#ledger = ledger
    this.#saga = bookAll(() => {
      this.#undone++
    })
  }

  /** A round of sagas, one after the other: microseconds per saga. */
  async round(name: string, sagas: number): Promise<number> {
    this.#undone = 0
    const figure = await timed(sagas, async () => {
      for (let n = 0; n < sagas; n++) await this.#fail(`${name}-${n}`)
    })
    assert.equal(this.#undone, sagas * STEPS)
    assert.equal((await this.#ledger.runs.get(`${name}-${sagas - 1}`))?.status, 'compensated')
    return figure
  }

  async #fail(id: string): Promise<void> {
    const failed = await this.#saga.execute(id, { ledger: this.#ledger, id }).catch((error: unknown) => error)
    assert.equal(failed, FAILED)
  }
}

function bookAll(undone: () => void) {
  const book = tool({
    name: 'book',
    execute: async ({ id }: { id: string }) => orderOf(id),
    compensate: async () => undone(),
  })
  const as = (step: string) => (id: string) => ({ id: `${id}-${step}` })
  return saga<string>('book-all')
    .parallel((group) => group.step('a', book, as('a')).step('b', book, as('b')))
    .parallel((group) => group.step('c', book, as('c')).step('d', book, as('d')))
    .parallel((group) => group.step('e', book, as('e')).step('f', book, as('f')))
    .parallel((group) => group.step('g', book, as('g')).step('h', book, as('h')))
    .parallel((group) => group.step('i', book, as('i')).step('j', book, as('j')))
    .step('last', book, () => {
      throw FAILED
    })
}
