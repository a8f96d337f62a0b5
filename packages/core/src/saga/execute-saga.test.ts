import { describe, expect, test } from 'vitest'
import { CompensationFailedError } from '../errors/compensation-failed-error.ts'
import { IdempotencyConflictError } from '../errors/idempotency-conflict-error.ts'
import { NotAppliedError } from '../errors/not-applied-error.ts'
import { NotSerializableError } from '../errors/not-serializable-error.ts'
import { RunFailedError } from '../errors/run-failed-error.ts'
import { setDefaultLedger } from '../ledger.ts'
import { tool } from '../run/callable-tool.ts'
import { gate } from '../testing/counted-tool.ts'
import { temporaryLedger } from '../testing/story.ts'
import { saga } from './saga.ts'
import { checkout, of } from './testing/checkout.ts'
import { Outside } from './testing/outside.ts'

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
