import { expect, test, vi } from 'vitest'
import { Deadlines } from './deadlines.ts'
import { ManualClock } from './manual-clock.ts'

test('tasks run in their time, each once, and those that were called off never', async () => {
  const clock = new ManualClock()
  const deadlines = new Deadlines(clock)
  const ran: string[] = []
  deadlines.add(300, () => ran.push('late'))
  const callOff = deadlines.add(100, () => ran.push('called off'))
  deadlines.add(100, () => ran.push('early'))
  deadlines.add(200, () => deadlines.add(50, () => ran.push('added by another')))
  callOff()
  await clock.advance(99)
  expect(ran).toEqual([])
  await clock.advance(1)
  expect(ran).toEqual(['early'])
  await clock.advance(150)
  expect(ran).toEqual(['early', 'added by another'])
  await clock.advance(1_000)
  expect(ran).toEqual(['early', 'added by another', 'late'])
})

test('any number of deadlines share one timer', () => {
  const clock = new ManualClock()
  const timers = vi.spyOn(clock, 'after')
  const deadlines = new Deadlines(clock)
  for (let index = 0; index < 1_000; index++) deadlines.add(600_000, () => undefined)()
  expect(timers).toHaveBeenCalledTimes(1)
})
