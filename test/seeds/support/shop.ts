import { appendFileSync } from 'node:fs'
import { NotAppliedError, tool } from 'holdfast'

/** Where the shop's outside writes down what happened in it. */
export type Note = (line: string) => void

export const noteIn = (path: string): Note => {
  return (line) => appendFileSync(path, `${line}\n`)
}

/** The tools of the seed's examples. `at` is told where they are, and may end the process there. */
export function shopTools(note: Note, at: (point: string) => void = () => undefined) {
  const pay = tool({
    name: 'pay',
    execute: ({ order }: { order: string }, { idempotencyKey }) => {
      note(`pay ${order} ${idempotencyKey}`)
      return { transaction: `TX-${order}` }
    },
    compensate: ({ transaction }, _, { idempotencyKey }) => {
      note(`refund ${transaction} ${idempotencyKey}`)
      at('in the middle of the refund')
    },
    retry: { attempts: 2 },
  })
  const stock = tool({
    name: 'stock',
    execute: ({ item }: { item: string }) => {
      note(`take ${item}`)
      return { item }
    },
    compensate: ({ item }, _, { idempotencyKey }) => {
      note(`put back ${item} ${idempotencyKey}`)
    },
  })
  const ship = tool({
    name: 'ship',
    execute: ({ address }: { address: string }): { tracking: string } => {
      at('before shipping')
      note(`no carrier for ${address}`)
      throw new NotAppliedError('Connection refused')
    },
    compensate: ({ tracking }) => note(`stop ${tracking}`),
    onUnknown: () => ({ kind: 'not_applied' }),
  })
  return { pay, stock, ship }
}
