import { expect, test } from 'vitest'
import { NotAppliedError } from '../errors/not-applied-error.ts'
import { Deeds } from '../testing/deeds.ts'
import { temporaryLedger } from '../testing/story.ts'
import { saga } from './saga.ts'

const GONE = new Error('the tab was closed')

test('a saga that was stopped by its own signal stays undone when its run is resumed', async () => {
  const ledger = temporaryLedger()
  const deeds = new Deeds()
  const pay = deeds.step('pay')
  const mail = deeds.step('mail')
  const user = new AbortController()
  const trip = saga<string>('trip')
    .step('pay', pay, (note) => {
      return { note }
    })
    .step('stop', deeds.step('stop'), (note) => {
      user.abort(new Error('canceled by the customer'))
      return { note }
    })
    .step('ship', deeds.step('ship'), (note) => ({ note }))
  const lives = [new AbortController(), new AbortController()]
  const life = (index: number) =>
    ledger.run({ id: 'order', signal: lives[index]?.signal as AbortSignal }, async () => {
      const booked = await trip.execute('a', { signal: user.signal }).catch(() => 'canceled')
      await mail({ note: String(booked) })
      if (index === 0) lives[0]?.abort(GONE)
      if (index === 0) throw GONE
      return booked
    })
  await expect(life(0)).rejects.toBe(GONE)
  const before = [...deeds.log]
  expect(before.at(-1)).toBe('mail canceled')
  await expect(life(1)).resolves.toBe('canceled')
  expect(deeds.log.filter((deed) => deed.startsWith('pay '))).toEqual(['pay a'])
})

test("a saga that its run's abort stopped before anything could be undone begins again with the run", async () => {
  const ledger = temporaryLedger()
  const deeds = new Deeds()
  const tab = new AbortController()
  let isFirst = true
  const pay = deeds.step('pay', {
    execute: ({ note }: { note: string }) => {
      if (!isFirst) return `pay ${note}`
      isFirst = false
      tab.abort(GONE)
      throw new NotAppliedError('not sent')
    },
  } as never)
  const trip = saga<string>('trip').step('pay', pay, (note) => ({ note }))
  await expect(ledger.run({ id: 'order', signal: tab.signal }, () => trip.execute('a'))).rejects.toThrow('not sent')
  await expect(ledger.run({ id: 'order' }, () => trip.execute('a'))).resolves.toEqual({ pay: 'pay a' })
})
