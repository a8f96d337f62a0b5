import { describe, expect, test } from 'vitest'
import { ApprovalDeniedError } from '../errors/approval-denied-error.ts'
import { ApprovalRequiredError } from '../errors/approval-required-error.ts'
import { CompensationFailedError } from '../errors/compensation-failed-error.ts'
import { IdempotencyConflictError } from '../errors/idempotency-conflict-error.ts'
import { NotAppliedError } from '../errors/not-applied-error.ts'
import { NotSerializableError } from '../errors/not-serializable-error.ts'
import { RunFailedError } from '../errors/run-failed-error.ts'
import { setDefaultLedger } from '../ledger.ts'
import { tool } from '../run/callable-tool.ts'
import { gate } from '../testing/counted-tool.ts'
import { interrupted } from '../testing/interrupted.ts'
import { temporaryLedger } from '../testing/story.ts'
import { saga } from './saga.ts'
import { Outside } from './testing/outside.ts'

const of = (what: string) => () => ({ of: what })

/** Pays and takes from stock together, then ships. */
function checkout(outside: Outside, ship = outside.deed('ship')) {
  return saga<{ order: string }>('checkout')
    .parallel((group) =>
      group
        .step('payment', outside.deed('pay'), ({ order }) => ({ of: order }))
        .step('stock', outside.deed('stock'), ({ order }) => ({ of: order })),
    )
    .step('shipping', ship, (_, done) => ({ of: done.payment.id }))
}

describe('a saga that succeeds', () => {
  test('gives the results by name, each step with what was done before it', async () => {
    const ledger = temporaryLedger()
    const outside = new Outside()
    const results = await checkout(outside).execute({ order: '7' }, { ledger })
    expect(results).toEqual({ payment: { id: 'pay 7' }, stock: { id: 'stock 7' }, shipping: { id: 'ship pay 7' } })
    expect(outside.log).toEqual(['pay 7', 'stock 7', 'ship pay 7'])
  })

  test('is a child of the run around it, and its steps are its own effects', async () => {
    const ledger = temporaryLedger()
    await ledger.run({ id: 'order' }, () => checkout(new Outside()).execute({ order: '7' }))
    const { children } = await ledger.runs.export('order')
    const [child = ''] = children
    expect(await ledger.runs.get(child)).toMatchObject({
      name: 'saga:checkout',
      parentId: 'order',
      status: 'completed',
    })
    const effects = await ledger.effects.list({ runId: child })
    expect(effects.map(({ tool, status }) => [tool, status])).toEqual([
      ['pay', 'succeeded'],
      ['stock', 'succeeded'],
      ['ship', 'succeeded'],
    ])
    const { effects: exported } = await ledger.runs.export(child)
    expect(exported.map(({ group }) => group)).toEqual([1, 1, null])
  })

  test('starts the members of a group together', async () => {
    const ledger = temporaryLedger()
    const outside = new Outside()
    const [pay, stock] = [gate(), gate()]
    const together = saga<void>('together').parallel((group) =>
      group
        .step('pay', outside.deed('pay', {}, { before: pay.pass }), of('1'))
        .step('stock', outside.deed('stock', {}, { before: stock.pass }), of('1')),
    )
    const done = together.execute(undefined, { ledger })
    await Promise.all([pay.started, stock.started])
    stock.open(undefined)
    pay.open(undefined)
    expect(Object.keys(await done)).toEqual(['pay', 'stock'])
  })

  test('does equal steps twice: they are two effects', async () => {
    const ledger = temporaryLedger()
    const outside = new Outside()
    const mail = outside.deed('mail')
    await saga<void>('twice')
      .step('first', mail, of('ann'))
      .step('second', mail, of('ann'))
      .execute(undefined, { ledger })
    expect(outside.log).toEqual(['mail ann', 'mail ann'])
  })

  test('leaves it to a tool with a key of its own what the same effect is', async () => {
    const ledger = temporaryLedger()
    const outside = new Outside()
    const welcome = outside.deed('welcome', { once: 'ledger', keys: ['of'] })
    const greet = saga<string>('greet').step('mail', welcome, (name) => ({ of: name }))
    await greet.execute('ann', { ledger })
    await greet.execute('bob', { ledger })
    expect(await greet.execute('ann', { ledger })).toEqual({ mail: { id: 'welcome ann' } })
    expect(outside.log).toEqual(['welcome ann', 'welcome bob'])
  })

  test('answers from its record when the same id is asked for again', async () => {
    const ledger = temporaryLedger()
    const outside = new Outside()
    const options = { ledger, id: 'checkout-7' }
    const first = await checkout(outside).execute({ order: '7' }, options)
    expect(await checkout(outside).execute({ order: '7' }, options)).toEqual(first)
    expect(outside.log).toHaveLength(3)
    await expect(checkout(outside).execute({ order: '8' }, options)).rejects.toThrow(IdempotencyConflictError)
  })

  test('keeps results that their tool does not show out of the run’s own record', async () => {
    const ledger = temporaryLedger()
    const secret = tool({ name: 'secret', execute: () => ({ card: '4242' }), record: 'redacted' })
    const hidden = saga<void>('hidden').step('card', secret, () => undefined)
    const options = { ledger, id: 'hidden' }
    expect(await hidden.execute(undefined, options)).toEqual({ card: { card: '4242' } })
    expect(await hidden.execute(undefined, options)).toEqual({ card: { card: '4242' } })
    expect(JSON.stringify(await ledger.runs.export('hidden'))).not.toContain('4242')
  })

  test('runs in the default ledger where it was given none', async () => {
    const ledger = temporaryLedger()
    setDefaultLedger(ledger)
    try {
      await checkout(new Outside()).execute({ order: '7' }, { id: 'by-default' })
    } finally {
      setDefaultLedger(undefined)
    }
    expect(await ledger.runs.get('by-default')).toMatchObject({ status: 'completed' })
  })
})

describe('a saga that fails', () => {
  test('undoes what succeeded, groups in reverse, and throws what the step threw', async () => {
    const ledger = temporaryLedger()
    const outside = new Outside()
    const failing = checkout(outside, outside.failing('ship'))
    const error = await failing.execute({ order: '7' }, { ledger, id: 'x' }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(NotAppliedError)
    expect(outside.log.slice(0, 3)).toEqual(['pay 7', 'stock 7', 'try ship pay 7'])
    expect(outside.log.slice(3).toSorted()).toEqual(['undo pay 7', 'undo stock 7'])
    expect(await ledger.runs.get('x')).toMatchObject({ status: 'compensated' })
  })

  test('undoes single steps one by one, the last first', async () => {
    const ledger = temporaryLedger()
    const outside = new Outside()
    const line = saga<void>('line')
      .step('a', outside.deed('a'), of('1'))
      .step('b', outside.deed('b'), of('1'))
      .step('c', outside.deed('c'), of('1'))
      .step('d', outside.failing('d'), of('1'))
      .step('e', outside.deed('e'), of('1'))
    await expect(line.execute(undefined, { ledger })).rejects.toThrow('no d')
    expect(outside.log).toEqual(['a 1', 'b 1', 'c 1', 'try d 1', 'undo c 1', 'undo b 1', 'undo a 1'])
  })

  test('lets the siblings of a failed member finish first, then undoes those that succeeded', async () => {
    const ledger = temporaryLedger()
    const outside = new Outside()
    const slow = gate()
    const group = saga<void>('group').parallel((members) =>
      members
        .step('fails', outside.failing('fails'), of('1'))
        .step('slow', outside.deed('slow', {}, { before: slow.pass }), of('1')),
    )
    const failed = expect(group.execute(undefined, { ledger })).rejects.toThrow('no fails')
    await slow.started
    expect(outside.log).toEqual(['try fails 1'])
    slow.open(undefined)
    await failed
    expect(outside.log).toEqual(['try fails 1', 'slow 1', 'undo slow 1'])
  })

  test('undoes the members of a group at once', async () => {
    const ledger = temporaryLedger()
    const outside = new Outside()
    const undo = [gate(), gate()] as const
    const group = saga<void>('group')
      .parallel((members) =>
        members
          .step('a', outside.deed('a', {}, { beforeUndo: undo[0].pass }), of('1'))
          .step('b', outside.deed('b', {}, { beforeUndo: undo[1].pass }), of('1')),
      )
      .step('c', outside.failing('c'), of('1'))
    const failed = expect(group.execute(undefined, { ledger })).rejects.toThrow('no c')
    await Promise.all(undo.map(({ started }) => started))
    for (const { open } of undo) open(undefined)
    await failed
  })

  test('throws the first failure by position when several members fail', async () => {
    const ledger = temporaryLedger()
    const outside = new Outside()
    const late = gate()
    const first = tool({
      name: 'first',
      execute: async (): Promise<string> => {
        await late.pass()
        throw new NotAppliedError('the first by position')
      },
    })
    const group = saga<void>('group').parallel((members) =>
      members.step('first', first, () => undefined).step('second', outside.failing('second'), of('1')),
    )
    const failed = expect(group.execute(undefined, { ledger })).rejects.toThrow('the first by position')
    await late.started
    late.open(undefined)
    await failed
  })

  test('starts nothing of a group whose arguments cannot be made', async () => {
    const ledger = temporaryLedger()
    const outside = new Outside()
    const broken = saga<void>('broken')
      .step('a', outside.deed('a'), of('1'))
      .parallel((group) =>
        group.step('b', outside.deed('b'), of('1')).step('c', outside.deed('c'), () => {
          throw new TypeError('no arguments')
        }),
      )
    await expect(broken.execute(undefined, { ledger })).rejects.toThrow('no arguments')
    expect(outside.log).toEqual(['a 1', 'undo a 1'])
  })

  test('says which steps could not be undone, and undoes the others all the same', async () => {
    const outside = new Outside()
    let fixed = false
    const stuck = outside.deed(
      'b',
      {},
      {
        beforeUndo: () => {
          if (!fixed) throw new Error('no refund today')
        },
      },
    )
    const ledger = temporaryLedger({ tools: [stuck] })
    const line = saga<void>('line')
      .step('a', outside.deed('a'), of('1'))
      .step('b', stuck, of('1'))
      .step('c', outside.deed('c'), of('1'))
      .step('d', outside.failing('d'), of('1'))
    const error = await line.execute(undefined, { ledger, id: 'line' }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(CompensationFailedError)
    expect(error).toMatchObject({ cause: { message: 'no d' }, left: [{ tool: 'b' }] })
    expect(outside.log.slice(4)).toEqual(['undo c 1', 'undo a 1'])
    fixed = true
    expect(await ledger.runs.compensate('line')).toMatchObject({ status: 'compensated' })
    expect(outside.log.slice(6)).toEqual(['undo b 1'])
  })

  test('begins anew with retry: what was undone happens again', async () => {
    const ledger = temporaryLedger()
    const outside = new Outside()
    let down = true
    const ship = tool({
      name: 'ship',
      execute: ({ of: what }: { of: string }) => {
        if (down) throw new NotAppliedError('down')
        return { id: `ship ${what}` }
      },
    })
    const run = (retry: boolean) => checkout(outside, ship).execute({ order: '7' }, { ledger, id: 'again', retry })
    await expect(run(false)).rejects.toThrow('down')
    down = false
    await expect(run(false)).rejects.toThrow(RunFailedError)
    expect(await run(true)).toMatchObject({ shipping: { id: 'ship pay 7' } })
    expect(outside.log.filter((line) => line === 'pay 7')).toHaveLength(2)
    expect(outside.log.filter((line) => line === 'undo pay 7')).toHaveLength(1)
  })
})

describe('a step that the saga can do without', () => {
  const withMail = (outside: Outside, after = outside.deed('ship')) =>
    saga<void>('with-mail')
      .step('pay', outside.deed('pay'), of('1'))
      .step('mail', outside.failing('mail', { retry: { scope: 'tool' } }), of('1'), { optional: true })
      .step('ship', after, (_, done) => ({ of: `${done.mail?.id} ${done.failed.join()}` }))

  test('is left out of the results, and named to the steps after it', async () => {
    const ledger = temporaryLedger()
    const outside = new Outside()
    const results = await withMail(outside).execute(undefined, { ledger, id: 'x' })
    expect(results).toEqual({ pay: { id: 'pay 1' }, ship: { id: 'ship undefined mail' } })
    expect(results.mail).toBeUndefined()
    expect(await ledger.runs.get('x')).toMatchObject({ status: 'completed' })
  })

  test('does not keep a later failure from undoing the others', async () => {
    const ledger = temporaryLedger()
    const outside = new Outside()
    await expect(withMail(outside, outside.failing('ship')).execute(undefined, { ledger })).rejects.toThrow('no ship')
    expect(outside.log.filter((line) => line.startsWith('undo'))).toEqual(['undo pay 1'])
  })

  test('stops the saga all the same if nobody knows whether it happened', async () => {
    const ledger = temporaryLedger()
    const outside = new Outside()
    const lost = outside.failing('lost', {}, () => Object.assign(new Error('reset'), { code: 'ECONNRESET' }))
    const asked: string[] = []
    const one = saga<void>('s')
      .step('pay', outside.deed('pay'), of('1'))
      .step('lost', lost, of('1'), { optional: true })
      .step('ship', outside.deed('ship'), (_, done) => ({ of: asked.push(...done.failed).toString() }))
    await expect(one.execute(undefined, { ledger })).rejects.toThrow(CompensationFailedError)
    expect(outside.log).toEqual(['pay 1', 'try lost 1', 'undo pay 1'])
    expect(asked).toEqual([])
  })

  test('stops the saga all the same if it happened and its result cannot be kept', async () => {
    const ledger = temporaryLedger()
    const outside = new Outside()
    const odd = tool({ name: 'odd', execute: () => ({ socket: () => 1 }) })
    const one = saga<void>('s')
      .step('pay', outside.deed('pay'), of('1'))
      .step('odd', odd, () => undefined, { optional: true })
      .step('ship', outside.deed('ship'), of('1'))
    await expect(one.execute(undefined, { ledger })).rejects.toThrow(NotSerializableError)
    expect(outside.log).toEqual(['pay 1', 'undo pay 1'])
  })
})

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
