import { describe, expectTypeOf, test } from 'vitest'
import { executePlan, type PlanOutcome, saga, tool } from '../index.ts'

interface Order {
  readonly id: string
  readonly address: string
}

const pay = tool({ name: 'pay', execute: (_: { orderId: string }) => ({ transaction: 't1' }) })
const stock = tool({ name: 'stock', execute: (_: { sku: string; count?: number }) => 5 })
const ship = tool({ name: 'ship', execute: (_: { address: string; paidBy: string }) => 'tracking' })
const mail = tool({ name: 'mail', execute: async (_: { to: string }) => true, retry: { scope: 'tool' } })

describe('a saga', () => {
  test('knows what is done by the types of the steps before', () => {
    const checkout = saga<Order>('checkout')
      .parallel((group) =>
        group
          .step('payment', pay, (order) => ({ orderId: order.id }))
          .step('stock', stock, (order, done) => {
            expectTypeOf(order).toEqualTypeOf<Order>()
            // Members start together, so none sees another's result.
            expectTypeOf(done.failed).toEqualTypeOf<readonly never[]>()
            // @ts-expect-error: it may not have been done yet
            done.payment
            return { sku: 'x' }
          }),
      )
      .step('mail', mail, () => ({ to: 'ann' }), { optional: true })
      .step('shipping', ship, (order, done) => {
        expectTypeOf(done.payment).toEqualTypeOf<{ transaction: string }>()
        expectTypeOf(done.stock).toEqualTypeOf<number>()
        expectTypeOf(done.mail).toEqualTypeOf<boolean | undefined>()
        expectTypeOf(done.failed).toEqualTypeOf<readonly ('payment' | 'stock' | 'mail')[]>()
        return { address: order.address, paidBy: done.payment.transaction }
      })
    expectTypeOf(checkout.execute({ id: '1', address: 'x' })).resolves.toEqualTypeOf<{
      readonly payment: { transaction: string }
      readonly stock: number
      readonly mail: boolean | undefined
      readonly shipping: string
    }>()
  })

  test('types a step by its options: optional ones may have no result', () => {
    const decided = saga<Order>('s').step('mail', mail, () => ({ to: 'ann' }), { optional: true as boolean })
    expectTypeOf(decided.execute({ id: '1', address: 'x' })).resolves.toEqualTypeOf<{
      readonly mail: boolean | undefined
    }>()
    const approved = saga<Order>('s').step('pay', pay, (order) => ({ orderId: order.id }), { approval: true })
    expectTypeOf(approved.execute({ id: '1', address: 'x' })).resolves.toEqualTypeOf<{
      readonly pay: { transaction: string }
    }>()
  })

  test('refuses arguments that do not fit, and results that are not there yet', () => {
    // @ts-expect-error: a number is no text
    saga<Order>('s').step('pay', pay, () => ({ orderId: 5 }))
    // @ts-expect-error: an argument is missing
    saga<Order>('s').step('pay', pay, () => ({}))
    // @ts-expect-error: arguments that take time belong into a step of their own
    saga<Order>('s').step('pay', pay, async () => ({ orderId: '1' }))
    // @ts-expect-error: no step of that name came before
    saga<Order>('s').step('ship', ship, (order, done) => ({ address: order.address, paidBy: done.payment.transaction }))
    // @ts-expect-error: no such option
    saga<Order>('s').step('pay', pay, (order) => ({ orderId: order.id }), { retries: 3 })
    // @ts-expect-error: a group holds steps, not groups
    saga<Order>('s').parallel((group) => group.parallel((inner) => inner))
    // @ts-expect-error: a group must be returned
    saga<Order>('s').parallel((group) => void group.step('pay', pay, (order) => ({ orderId: order.id })))
  })

  test('refuses an input of another type', () => {
    const checkout = saga<Order>('checkout').step('pay', pay, (order) => ({ orderId: order.id }))
    // @ts-expect-error: the input is missing
    checkout.execute()
    // @ts-expect-error: a member is missing
    checkout.execute({ id: '1' })
  })
})

describe('a plan', () => {
  test('takes flat, nested and mixed lists, and tools as a list or by name', () => {
    const step = { tool: 'pay', args: { orderId: '1' } }
    expectTypeOf(executePlan([step], [pay])).resolves.toEqualTypeOf<PlanOutcome>()
    expectTypeOf(
      executePlan([[step, step], step], { pay, ship }, { throws: false }),
    ).resolves.toEqualTypeOf<PlanOutcome>()
    // @ts-expect-error: a step names its tool
    executePlan([{ args: {} }], [pay])
    // @ts-expect-error: groups cannot be nested
    executePlan([[[step]]], [pay])
  })
})
