import { describe, expect, test } from 'vitest'
import { ApprovalDeniedError } from '../errors/approval-denied-error.ts'
import { ApprovalRequiredError } from '../errors/approval-required-error.ts'
import { NotAppliedError } from '../errors/not-applied-error.ts'
import { RunFailedError } from '../errors/run-failed-error.ts'
import { tool } from '../run/callable-tool.ts'
import { interrupted } from '../testing/interrupted.ts'
import { temporaryLedger } from '../testing/story.ts'
import { saga } from './saga.ts'
import { checkout, of } from './testing/checkout.ts'
import { Outside } from './testing/outside.ts'

describe('a saga in a run', () => {
  test('undoes its own steps only, and the run may go on', async () => {
    const ledger = temporaryLedger()
    const outside = new Outside()
    const before = outside.deed('before')
    const output = await ledger.run({ id: 'run' }, async () => {
      await before({ of: '1' })
      await checkout(outside, outside.failing('ship'))
        .execute({ order: '7' })
        .catch(() => undefined)
      return 'went on'
    })
    expect(output).toBe('went on')
    expect(outside.log.filter((line) => line.startsWith('undo')).toSorted()).toEqual(['undo pay 7', 'undo stock 7'])
    expect(await ledger.runs.get('run')).toMatchObject({ status: 'completed' })
  })

  test('is undone with the run around it when that fails later', async () => {
    const ledger = temporaryLedger()
    const outside = new Outside()
    const [before, after] = [outside.deed('before'), outside.deed('after')]
    const failed = ledger.run({ id: 'run' }, async () => {
      await before({ of: '1' })
      await checkout(outside).execute({ order: '7' })
      await after({ of: '1' })
      throw new Error('too late')
    })
    await expect(failed).rejects.toThrow('too late')
    const undone = outside.log.slice(5)
    expect(undone.slice(0, 2)).toEqual(['undo after 1', 'undo ship pay 7'])
    expect(undone.slice(2, 4).toSorted()).toEqual(['undo pay 7', 'undo stock 7'])
    expect(undone.slice(4)).toEqual(['undo before 1'])
  })

  test('is undone in a thread too, where a run’s own effects stay', async () => {
    const ledger = temporaryLedger()
    const outside = new Outside()
    const before = outside.deed('before')
    const failed = ledger.run({ id: 'turn', thread: 'chat' }, async () => {
      await before({ of: '1' })
      await checkout(outside, outside.failing('ship')).execute({ order: '7' })
    })
    await expect(failed).rejects.toThrow('no ship')
    expect(outside.log.filter((line) => line.startsWith('undo')).toSorted()).toEqual(['undo pay 7', 'undo stock 7'])
  })

  test('goes on where it stopped when the run is resumed', async () => {
    const ledger = temporaryLedger()
    const outside = new Outside()
    let fails = true
    const flow = (order: string) => checkout(outside).execute({ order })
    await interrupted(ledger, 'run', async () => {
      await flow('7')
      await flow('7')
      fails = false
    })
    expect(fails).toBe(false)
    const results = await ledger.run({ id: 'run' }, async () => [await flow('7'), await flow('7'), await flow('8')])
    expect(results.map(({ payment }) => payment.id)).toEqual(['pay 7', 'pay 7', 'pay 8'])
    // Two equal executions are two sagas; neither is repeated.
    expect(outside.log.filter((line) => line === 'pay 7')).toHaveLength(2)
  })

  test('serves the same failure when the run is resumed, and undoes nothing twice', async () => {
    const ledger = temporaryLedger()
    const outside = new Outside()
    const flow = () => checkout(outside, outside.failing('ship')).execute({ order: '7' })
    await interrupted(ledger, 'run', () => flow().catch(() => undefined))
    const before = [...outside.log]
    const error = await ledger.run({ id: 'run' }, () => flow().catch((thrown: unknown) => thrown))
    expect(error).toBeInstanceOf(RunFailedError)
    expect(NotAppliedError.find(error)).toBeDefined()
    expect(outside.log).toEqual(before)
  })
})

describe('a saga that is aborted', () => {
  test('tells the body in flight, starts nothing more and undoes what was done', async () => {
    const ledger = temporaryLedger()
    const outside = new Outside()
    const controller = new AbortController()
    const told: unknown[] = []
    const slow = tool({
      name: 'slow',
      execute: async (_: undefined, { signal }) => {
        controller.abort(new Error('closed the tab'))
        told.push(signal.reason)
        outside.log.push('slow')
        return 'slow'
      },
      compensate: () => {
        outside.log.push('undo slow')
      },
    })
    const line = saga<void>('line')
      .step('a', outside.deed('a'), of('1'))
      .step('slow', slow, () => undefined)
      .step('b', outside.deed('b'), of('1'))
    const aborted = line.execute(undefined, { ledger, id: 'line', signal: controller.signal })
    await expect(aborted).rejects.toThrow('closed the tab')
    expect(told).toMatchObject([{ message: 'closed the tab' }])
    expect(outside.log).toEqual(['a 1', 'slow', 'undo slow', 'undo a 1'])
    expect(await ledger.runs.get('line')).toMatchObject({ status: 'compensated' })
  })

  test('begins anew when the run around it is resumed', async () => {
    const ledger = temporaryLedger()
    const outside = new Outside()
    const controller = new AbortController()
    const stop = outside.deed('stop', {}, { before: () => controller.abort(new Error('stopped')) })
    const flow = () =>
      saga<void>('line')
        .step('a', outside.deed('a'), of('1'))
        .step('stop', stop, of('1'))
        .step('b', outside.deed('b'), of('1'))
        .execute()
    await expect(ledger.run({ id: 'run', signal: controller.signal }, flow)).rejects.toThrow('stopped')
    expect(outside.log).toEqual(['a 1', 'stop 1', 'undo stop 1', 'undo a 1'])
    expect(await ledger.runs.get('run')).toMatchObject({ status: 'running' })
    await ledger.run({ id: 'run' }, flow)
    expect(outside.log.slice(4)).toEqual(['a 1', 'stop 1', 'b 1'])
  })
})

describe('a saga with a step that a human approves', () => {
  const refund = (outside: Outside, approved = outside.deed('refund', { approval: true })) =>
    saga<void>('refund')
      .step('look', outside.deed('look'), of('1'))
      .parallel((group) => group.step('note', outside.deed('note'), of('1')).step('refund', approved, of('1')))
      .step('mail', outside.deed('mail'), of('1'))

  test('waits while its siblings finish, and goes on once it is approved', async () => {
    const ledger = temporaryLedger()
    const outside = new Outside()
    const flow = () => ledger.run({ id: 'run' }, () => refund(outside).execute())
    const error = await flow().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ApprovalRequiredError)
    expect(outside.log).toEqual(['look 1', 'note 1'])
    expect(await ledger.runs.get('run')).toMatchObject({ status: 'waiting' })
    await ledger.approvals.approve((error as ApprovalRequiredError).approval.key, { by: 'ann' })
    expect(Object.keys(await flow())).toEqual(['look', 'note', 'refund', 'mail'])
    expect(outside.log).toEqual(['look 1', 'note 1', 'refund 1', 'mail 1'])
  })

  test('fails if it is denied, and undoes what was done', async () => {
    const ledger = temporaryLedger()
    const outside = new Outside()
    const flow = () => refund(outside).execute(undefined, { ledger, id: 'refund' })
    const error = await flow().catch((thrown: unknown) => thrown)
    await ledger.approvals.deny((error as ApprovalRequiredError).approval.key, { by: 'ann', reason: 'too much' })
    await expect(flow()).rejects.toThrow(ApprovalDeniedError)
    expect(outside.log).toEqual(['look 1', 'note 1', 'undo note 1', 'undo look 1'])
  })

  test('is asked where only the step says so', async () => {
    const ledger = temporaryLedger()
    const outside = new Outside()
    const one = saga<void>('one').step('pay', outside.deed('pay'), of('1'), { approval: true })
    await expect(one.execute(undefined, { ledger, id: 'one' })).rejects.toThrow(ApprovalRequiredError)
    expect(outside.log).toEqual([])
  })

  test('does what the approver made of it, once', async () => {
    const ledger = temporaryLedger()
    const outside = new Outside()
    const flow = () => refund(outside).execute(undefined, { ledger, id: 'refund' })
    const error = await flow().catch((thrown: unknown) => thrown)
    await ledger.approvals.approve((error as ApprovalRequiredError).approval.key, { args: { of: 'half' } })
    expect(await flow()).toMatchObject({ refund: { id: 'refund half' } })
    expect(await flow()).toMatchObject({ refund: { id: 'refund half' } })
    expect(outside.log).toEqual(['look 1', 'note 1', 'refund half', 'mail 1'])
  })

  test('can be done without once it is denied, if it is optional', async () => {
    const ledger = temporaryLedger()
    const outside = new Outside()
    const one = saga<void>('one')
      .step('gift', outside.deed('gift', { approval: true }), of('1'), { optional: true })
      .step('ship', outside.deed('ship'), (_, done) => ({ of: done.failed.join() }))
    const flow = () => one.execute(undefined, { ledger, id: 'one' })
    const error = await flow().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ApprovalRequiredError)
    await ledger.approvals.deny((error as ApprovalRequiredError).approval.key)
    expect(await flow()).toEqual({ ship: { id: 'ship gift' } })
  })
})
