import { expect, test } from 'vitest'
import { memory } from '../store/sqlite/sqlite.ts'
import type { StoreSettings } from '../store/store.ts'
import { ManualClock } from '../util/manual-clock.ts'
import { WaitingLines } from './waiting-lines.ts'

test('who leaves a line wakes the next, and nobody else', () => {
  const lines = new WaitingLines()
  const [first, second, third] = ['user:ann', 'user:ann', 'user:ann'].map((scope) => lines.join(scope))
  const other = lines.join('user:bob')
  if (first === undefined || second === undefined || third === undefined) throw new Error('nobody waits')
  expect([first, second, third, other].map((ticket) => lines.isFirst(ticket))).toEqual([true, false, false, true])
  lines.leave(first)
  expect([second, third, other].map(({ awake }) => awake.aborted)).toEqual([true, false, false])
  expect(lines.isFirst(second)).toBe(true)
})

test('who leaves from the middle changes nothing for the first', () => {
  const lines = new WaitingLines()
  const [first, second, third] = [lines.join('a'), lines.join('a'), lines.join('a')]
  lines.leave(second)
  expect(lines.isFirst(first)).toBe(true)
  lines.leave(first)
  expect(lines.isFirst(third)).toBe(true)
})

test('room wakes the first of each line, also one that is looking just now', () => {
  const lines = new WaitingLines()
  const [first, second, other] = [lines.join('a'), lines.join('a'), lines.join('b')]
  lines.roomAgain()
  expect([first, second, other].map(({ awake }) => awake.aborted)).toEqual([true, false, true])
  first.rest()
  expect(first.awake.aborted).toBe(false)
  lines.roomAgain()
  // Told while it looked: it looks again at once.
  expect(first.awake.aborted).toBe(true)
})

test('all ledgers of a process that share a store share its lines', () => {
  const settings: StoreSettings = {
    clock: new ManualClock(),
    durability: 'fast',
    migrate: 'off',
    random: () => 0.5,
    retries: { attempts: 0, initialMs: 1 },
    warn: () => undefined,
  }
  const [one, other] = [memory().open(settings), memory().open(settings)]
  expect(WaitingLines.of(one)).toBe(WaitingLines.of(one))
  expect(WaitingLines.of(one)).not.toBe(WaitingLines.of(other))
})
