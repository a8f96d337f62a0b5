import { expect, test } from 'vitest'
import { ApprovalRequiredError } from '../errors/approval-required-error.ts'
import { gate } from '../testing/counted-tool.ts'
import { Deeds } from '../testing/deeds.ts'
import { temporaryLedger } from '../testing/story.ts'
import { tool } from './callable-tool.ts'

const asked = (error: unknown) => ApprovalRequiredError.find(error)?.approval.key ?? ''

test('what is in flight in a sibling child ends well while the run waits, retries included', async () => {
  const ledger = temporaryLedger()
  const deeds = new Deeds()
  const refund = deeds.step('refund', { approval: true })
  const slow = gate<void>()
  let tries = 0
  const pay = tool({
    name: 'pay',
    retry: { attempts: 3, backoff: { initialMs: 0, maxMs: 0 } },
    execute: async () => {
      await slow.pass()
      if (++tries < 3) throw new Error('not yet')
      return 'paid'
    },
    compensate: () => void deeds.log.push('undo pay'),
  })
  const agent = async () => {
    const one = ledger.run({ name: 'one' }, () => refund({ note: 'a' }))
    const two = ledger.run({ name: 'two' }, () => pay())
    const settled = Promise.allSettled([one, two])
    await slow.started
    await one.catch(() => undefined)
    slow.open()
    await settled
    return [await one, await two]
  }
  const key = asked(await ledger.run({ id: 'order' }, agent).catch((error: unknown) => error))
  expect(tries).toBe(3)
  expect((await ledger.runs.get('order'))?.status).toBe('waiting')
  expect(deeds.undone).toEqual([])
  await ledger.approvals.approve(key)
  await expect(ledger.run({ id: 'order' }, agent)).resolves.toEqual(['refund a', 'paid'])
  expect(tries).toBe(3)
})

test('a sibling child starts nothing new while the run waits, and what it swallowed is not lost', async () => {
  const ledger = temporaryLedger()
  const deeds = new Deeds()
  const refund = deeds.step('refund', { approval: true })
  const mail = deeds.step('mail')
  const agent = async () => {
    const one = ledger.run({ name: 'one' }, () => refund({ note: 'a' }))
    await one.catch(() => undefined)
    const two = ledger.run({ name: 'two' }, () => mail({ note: 'b' }).catch((error: Error) => error.message))
    const told = await two.catch((error: Error) => error.message)
    return [await one, told]
  }
  const key = asked(await ledger.run({ id: 'order' }, agent).catch((error: unknown) => error))
  expect(deeds.log).toEqual([])
  await ledger.approvals.approve(key)
  await expect(ledger.run({ id: 'order' }, agent)).resolves.toEqual(['refund a', 'mail b'])
})

test('a child that is running when the question comes waits with the others', async () => {
  const ledger = temporaryLedger()
  const deeds = new Deeds()
  const refund = deeds.step('refund', { approval: true })
  const mail = deeds.step('mail')
  const slow = gate<void>()
  const agent = async () => {
    const two = ledger.run({ name: 'two' }, async () => {
      await slow.pass()
      return mail({ note: 'b' }).catch((error: Error) => `told: ${error.name}`)
    })
    await slow.started
    const one = await refund({ note: 'a' }).catch((error: unknown) => error)
    slow.open()
    return [one, await two]
  }
  const key = asked(await ledger.run({ id: 'order' }, agent).catch((error: unknown) => error))
  expect((await ledger.runs.list()).map(({ status }) => status)).toEqual(['waiting', 'waiting'])
  await ledger.approvals.approve(key)
  await expect(ledger.run({ id: 'order' }, agent)).resolves.toEqual(['refund a', 'mail b'])
})

test('a child of a body in flight does what that needs to end well', async () => {
  const ledger = temporaryLedger()
  const deeds = new Deeds()
  const refund = deeds.step('refund', { approval: true })
  const mail = deeds.step('mail')
  const slow = gate<void>()
  const outer = tool({
    name: 'outer',
    execute: async () => {
      await slow.pass()
      return ledger.run({ name: 'inner' }, () => mail({ note: 'b' }))
    },
    compensate: () => undefined,
  })
  const agent = async () => {
    const working = outer()
    await slow.started
    const refunded = await refund({ note: 'a' }).catch((error: unknown) => error)
    slow.open()
    return [refunded, await working]
  }
  const key = asked(await ledger.run({ id: 'order' }, agent).catch((error: unknown) => error))
  expect(deeds.log).toEqual(['mail b'])
  await ledger.approvals.approve(key)
  await expect(ledger.run({ id: 'order' }, agent)).resolves.toEqual(['refund a', 'mail b'])
  expect(deeds.log).toEqual(['mail b', 'refund a'])
})

test("a halted run's children cannot end well, whatever their agents make of it", async () => {
  const ledger = temporaryLedger()
  const deeds = new Deeds()
  const mail = deeds.step('mail')
  const slow = gate<void>()
  const run = ledger.run({ id: 'order' }, async (current) => {
    const two = ledger.run({ name: 'two' }, async () => {
      await slow.pass()
      return mail({ note: 'b' }).catch(() => 'told the model')
    })
    await slow.started
    await current.halt('stop')
    slow.open()
    return two
  })
  await expect(run).rejects.toMatchObject({ code: 'run-halted' })
  expect((await ledger.runs.list()).map(({ status }) => status)).toEqual(['failed', 'failed'])
})

test('a halt after a question counts, and is on record', async () => {
  const ledger = temporaryLedger()
  const deeds = new Deeds()
  const refund = deeds.step('refund', { approval: true })
  const run = ledger.run({ id: 'order' }, async (current) => {
    await refund({ note: 'a' }).catch(() => undefined)
    await current.halt('emergency stop')
  })
  await expect(run).rejects.toMatchObject({ code: 'run-halted' })
  expect(await ledger.runs.get('order')).toMatchObject({ status: 'failed', halt: { code: 'run-halted' } })
})

test('an abort after a question undoes the run where onAbort says so, and leaves it waiting else', async () => {
  const ledger = temporaryLedger()
  const deeds = new Deeds()
  const pay = deeds.step('pay')
  const refund = deeds.step('refund', { approval: true })
  const aborted = async (id: string, onAbort: 'keep' | 'compensate') => {
    const user = new AbortController()
    const run = ledger.run({ id, onAbort, signal: user.signal }, async () => {
      await pay({ note: id })
      await refund({ note: id }).catch(() => undefined)
      user.abort(new Error('stop'))
    })
    await run.catch(() => undefined)
    return (await ledger.runs.get(id))?.status
  }
  expect(await aborted('kept', 'keep')).toBe('waiting')
  expect(await aborted('undone', 'compensate')).toBe('compensated')
  expect(deeds.undone).toEqual(['pay undone'])
})

test('a shared run goes on for its other workers while one of them has a question', async () => {
  const ledger = temporaryLedger()
  const deeds = new Deeds()
  const refund = deeds.step('refund', { approval: true })
  const mail = deeds.step('mail')
  const other = await ledger.open({ id: 'shared', shared: true })
  const one = await ledger.open({ id: 'shared', shared: true })
  const error = await one.perform(refund, { note: 'a' }).catch((thrown: unknown) => thrown)
  await one.complete().catch(() => undefined)
  await expect(other.perform(mail, { note: 'b' })).resolves.toBe('mail b')
  await ledger.approvals.approve(asked(error))
  const next = await ledger.open({ id: 'shared', shared: true })
  await expect(next.perform(refund, { note: 'a' })).resolves.toBe('refund a')
  await next.complete()
})
