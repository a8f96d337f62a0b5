import { expect, test, vi } from 'vitest'
import { EventHub } from './ledger-events.ts'

const closed = { runId: 'r1', status: 'completed' } as const

test('a listener hears what is told under its name, until it is taken back', () => {
  const hub = new EventHub()
  const heard: unknown[] = []
  const stop = hub.on('run-closed', (event) => heard.push(event))
  hub.emit('run-closed', closed)
  hub.emit('unprotected', { runId: 'r1', what: 'a call' })
  stop()
  hub.emit('run-closed', closed)
  expect(heard).toEqual([closed])
})

test('a listener added twice hears twice, and each registration is taken back by itself', () => {
  const hub = new EventHub()
  const listener = vi.fn()
  const stop = hub.on('run-closed', listener)
  hub.on('run-closed', listener)
  hub.emit('run-closed', closed)
  expect(listener).toHaveBeenCalledTimes(2)
  stop()
  stop()
  hub.emit('run-closed', closed)
  expect(listener).toHaveBeenCalledTimes(3)
})

test('listeners may come and go while an event is told', () => {
  const hub = new EventHub()
  const late = vi.fn()
  const second = vi.fn()
  const stopFirst = hub.on('run-closed', () => {
    stopFirst()
    hub.on('run-closed', late)
  })
  hub.on('run-closed', second)
  hub.emit('run-closed', closed)
  expect(second).toHaveBeenCalledTimes(1)
  expect(late).not.toHaveBeenCalled()
  hub.emit('run-closed', closed)
  expect(late).toHaveBeenCalledTimes(1)
})

test('a listener that throws or rejects is warned about once and disturbs nobody', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
  const hub = new EventHub()
  const heard = vi.fn()
  hub.on('run-closed', () => {
    throw new Error('broken')
  })
  hub.on('run-closed', async () => {
    throw Object.assign(new Error('rejected'), { toString: 1 })
  })
  hub.on('run-closed', heard)
  hub.emit('run-closed', closed)
  hub.emit('run-closed', closed)
  await new Promise((resolve) => setImmediate(resolve))
  expect(heard).toHaveBeenCalledTimes(2)
  expect(warn.mock.calls.map(([message]) => message)).toEqual([
    expect.stringMatching(/run-closed.*broken$/),
    expect.stringMatching(/run-closed.*rejected$/),
  ])
  warn.mockRestore()
})

test('says whether anybody listens', () => {
  const hub = new EventHub()
  expect(hub.hasListeners('outage')).toBe(false)
  const stop = hub.on('outage', () => undefined)
  expect(hub.hasListeners('outage')).toBe(true)
  stop()
  expect(hub.hasListeners('outage')).toBe(false)
})
