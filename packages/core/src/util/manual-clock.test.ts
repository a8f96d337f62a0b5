import { describe, expect, test } from 'vitest'
import { ManualClock } from './manual-clock.ts'

describe('ManualClock', () => {
  test('runs what falls due in the order of time, then of asking', async () => {
    const clock = new ManualClock(1_000)
    const seen: string[] = []
    const note = (name: string) => () => seen.push(`${name}@${clock.now()}`)
    clock.after(20, note('late'))
    clock.after(10, note('first'))
    clock.after(10, note('second'))
    clock.after(50, note('never'))
    await clock.advance(30)
    expect(seen).toEqual(['first@1010', 'second@1010', 'late@1020'])
    expect([clock.now(), clock.monotonic(), clock.pending]).toEqual([1_030, 30, 1])
  })

  test('lets a sleeper go on, and sleep again, within one advance', async () => {
    const clock = new ManualClock(0)
    const wakes: number[] = []
    const loop = async () => {
      for (let count = 0; count < 3; count++) {
        await clock.sleep(10)
        wakes.push(clock.now())
      }
    }
    const done = loop()
    await clock.advance(100)
    await done
    expect(wakes).toEqual([10, 20, 30])
  })

  test('repeats an interval until it is stopped', async () => {
    const clock = new ManualClock()
    let count = 0
    const stop = clock.every(10, () => count++)
    await clock.advance(35)
    stop()
    await clock.advance(100)
    expect(count).toBe(3)
  })

  test('rejects a sleeper whose signal aborts', async () => {
    const clock = new ManualClock()
    const controller = new AbortController()
    const sleeping = clock.sleep(10, controller.signal)
    controller.abort('enough')
    await expect(sleeping).rejects.toBe('enough')
    expect(clock.pending).toBe(0)
  })

  test('moves the wall clock alone when asked to', async () => {
    const clock = new ManualClock(1_000)
    let fired = false
    clock.after(10, () => (fired = true))
    clock.jumpWallClock(-500)
    expect([clock.now(), clock.monotonic(), fired]).toEqual([500, 0, false])
  })

  test('tells whole milliseconds, whatever fractions pass', async () => {
    const clock = new ManualClock(1_000)
    await clock.advance(0.4)
    await clock.advance(0.4)
    expect(clock.now()).toBe(1_000)
    await clock.advance(0.4)
    expect(clock.now()).toBe(1_001)
  })
})
