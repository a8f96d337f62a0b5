import { describe, expect, test, vi } from 'vitest'
import { IdempotencyConflictError } from '../errors/idempotency-conflict-error.ts'
import { NotAppliedError } from '../errors/not-applied-error.ts'
import { tool } from '../run/callable-tool.ts'
import { gate } from '../testing/counted-tool.ts'
import { interrupted } from '../testing/interrupted.ts'
import { temporaryLedger } from '../testing/story.ts'

const ID = { id: 'turn-1' }

interface Order {
  readonly note: string
}

function refunds(options: object, answer = async ({ note }: Order): Promise<string> => note) {
  const execute = vi.fn(answer)
  return { execute, refund: tool({ name: 'refund', ...options, execute }) }
}

describe('a key that the caller made, asked for with other arguments, is a conflict that halts the run', () => {
  test('while its body runs', async () => {
    const ledger = temporaryLedger()
    const body = gate<string>()
    const { refund, execute } = refunds({ key: () => 'k' }, body.pass)
    const ended = ledger.run(ID, async () => {
      const first = refund({ note: 'a' })
      await body.started
      const other = await refund({ note: 'b' }).catch((error: unknown) => error)
      body.open('a')
      return [await first, other]
    })
    await expect(ended).rejects.toThrow(IdempotencyConflictError)
    expect(execute).toHaveBeenCalledOnce()
  })

  test.each([
    ['answer', async ({ note }: Order) => note],
    ['failure', () => Promise.reject(new NotAppliedError('declined'))],
  ])('when its recorded %s would be served', async (_, answer) => {
    const ledger = temporaryLedger()
    const { refund, execute } = refunds({ key: () => 'k' }, answer)
    await interrupted(ledger, 'turn-1', () => refund({ note: 'a' }).catch(() => undefined))
    await expect(ledger.run(ID, () => refund({ note: 'b' }))).rejects.toThrow(IdempotencyConflictError)
    expect(execute).toHaveBeenCalledOnce()
  })
})

test('`keys` joins and serves an effect whose remaining arguments differ', async () => {
  const ledger = temporaryLedger()
  const { refund, execute } = refunds({ keys: ['order'] })
  const order = (note: string) => refund({ order: 1, note } as Order)
  await interrupted(ledger, 'turn-1', () => Promise.all([order('a'), order('b')]))
  expect(await ledger.run(ID, () => order('c'))).toBe('a')
  expect(execute).toHaveBeenCalledOnce()
})
