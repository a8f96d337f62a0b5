import { tool } from 'holdfast'
import { type Order, orderOf, receiptOf } from './payload.ts'

const STEPS = 5

interface Booking {
  readonly order: Order
  /** Its process dies while this is done, or while it is undone. */
  readonly dies: 'doing' | 'undoing' | null
}

/** What a trip is made of. In the process that dies it does so in `die`; whoever asks later hears that it happened. */
export function bookTool(die: () => Promise<unknown> = async () => {}) {
  return tool({
    name: 'book',
    execute: async ({ order, dies }: Booking) => {
      if (dies === 'doing') await die()
      return receiptOf(order)
    },
    compensate: async (_receipt, { dies }) => {
      if (dies === 'undoing') await die()
    },
    onUnknown: ({ order }) => ({ kind: 'applied', result: receiptOf(order) }),
  })
}

/** Five effects. Every other trip dies in the fifth, the others when two of them are undone. */
export async function goOnTrip(book: ReturnType<typeof bookTool>, n: number): Promise<never> {
  const dies = n % 2 === 0 ? 'doing' : 'undoing'
  const fatal = dies === 'doing' ? STEPS - 1 : STEPS - 3
  for (let step = 0; step < STEPS; step++) {
    await book({ order: orderOf(`trip-${n}-${step}`), dies: step === fatal ? dies : null })
  }
  throw new Error('the trip was called off')
}
