import { describe, expect, test } from 'vitest'
import { systemClock } from './clock.ts'

describe('systemClock', () => {
  test('counts monotonic milliseconds since boot, not since this process started', () => {
    expect(systemClock.monotonic()).toBeGreaterThan(performance.now())
    expect(systemClock.monotonic() - Number(process.hrtime.bigint()) / 1e6).toBeCloseTo(0, -2)
  })

  test('wakes a sleeper after the time it asked for', async () => {
    const start = systemClock.monotonic()
    await systemClock.sleep(20)
    expect(systemClock.monotonic() - start).toBeGreaterThanOrEqual(19)
  })

  test('wakes a sleeper whose signal aborts, with the reason of the signal', async () => {
    const controller = new AbortController()
    const sleeping = systemClock.sleep(60_000, controller.signal)
    controller.abort('enough')
    await expect(sleeping).rejects.toBe('enough')
    await expect(systemClock.sleep(60_000, controller.signal)).rejects.toBe('enough')
  })

  test('does not fire a timer early that is further away than Node can count', async () => {
    const fired: string[] = []
    const stops = [
      systemClock.after(2 ** 40, () => fired.push('after')),
      systemClock.every(Number.POSITIVE_INFINITY, () => fired.push('every')),
    ]
    await systemClock.sleep(10)
    for (const stop of stops) stop()
    expect(fired).toEqual([])
  })

  test('stops an interval and a timer that are no longer wanted', async () => {
    let count = 0
    const stop = systemClock.every(1, () => count++)
    systemClock.after(1, () => (count += 1_000))()
    await systemClock.sleep(20)
    stop()
    const seen = count
    await systemClock.sleep(10)
    expect(seen).toBeGreaterThan(0)
    expect(count).toBe(seen)
    expect(seen).toBeLessThan(1_000)
  })

  test('lets the event loop have its turn', async () => {
    const order: string[] = []
    systemClock.soon(() => order.push('soon'))
    Promise.resolve().then(() => order.push('microtask'))
    await systemClock.turn()
    expect(order).toEqual(['microtask', 'soon'])
  })
})
