import { expect, test } from 'vitest'
import { gate } from '../testing/counted-tool.ts'
import { temporaryLedger } from '../testing/story.ts'
import type { Run } from './run.ts'

test('values of one name that are made at the same time come back in the order in which they were asked for', async () => {
  const ledger = temporaryLedger()
  const slow = gate<string>()
  const made: unknown[] = []
  const prices = async (run: Run) => {
    const both = Promise.all([run.value('price', slow.pass), run.value('price', () => 'of milk')])
    await slow.started
    slow.open('of tea')
    made.push(await both)
    throw new Error('not yet')
  }
  await expect(ledger.run({ id: 'order' }, prices)).rejects.toThrow('not yet')
  const again = await ledger.run({ id: 'order', retry: true }, (run) =>
    Promise.all([run.value('price', () => 'new'), run.value('price', () => 'new'), run.value('price', () => 'new')]),
  )
  expect(made).toEqual([['of tea', 'of milk']])
  expect(again).toEqual(['of tea', 'of milk', 'new'])
})
