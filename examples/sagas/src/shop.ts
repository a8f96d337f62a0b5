import { NotAppliedError, tool } from 'holdfast'

/** A shop that says what it does. `carrierFails`: how many parcels the carrier refuses before it takes one. */
export function openShop({ carrierFails = 0 }: { carrierFails?: number } = {}) {
  let refusals = carrierFails
  const pay = tool({
    name: 'pay',
    execute: ({ order, cents }: { order: string; cents: number }) => {
      console.log(`charged ${cents} for ${order}`)
      return { transaction: `TX-${order}`, cents }
    },
    compensate: ({ transaction, cents }) => console.log(`refunded ${cents} of ${transaction}`),
  })
  const takeStock = tool({
    name: 'take-stock',
    execute: ({ item, count }: { item: string; count: number }) => {
      console.log(`took ${count} of ${item}`)
      return { item, count }
    },
    compensate: ({ item, count }) => console.log(`put ${count} of ${item} back`),
  })
  const ship = tool({
    name: 'ship',
    execute: ({ address, paidBy }: { address: string; paidBy?: string }) => {
      if (refusals-- > 0) {
        console.log('the carrier does not answer')
        throw new Error('Connection timeout')
      }
      console.log(`shipped to ${address}${paidBy === undefined ? '' : `, paid by ${paidBy}`}`)
      return { tracking: 'TR-1' }
    },
    compensate: ({ tracking }) => console.log(`stopped ${tracking}`),
    // The carrier can be asked whether it took the parcel.
    onUnknown: () => ({ kind: 'not_applied' }),
    retry: { attempts: 3, backoff: { initialMs: 10 } },
  })
  const sendMail = tool({
    name: 'send-mail',
    execute: ({ to }: { to: string }): string => {
      console.log('the mail server is down')
      throw new NotAppliedError(`no mail to ${to}`)
    },
    // The order goes through without it.
    retry: { scope: 'tool' },
  })
  return { pay, takeStock, ship, sendMail }
}
