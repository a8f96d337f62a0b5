import { expect, test } from 'vitest'
import { CompensationFailedError } from '../errors/compensation-failed-error.ts'
import { NotAppliedError } from '../errors/not-applied-error.ts'
import { RunFailedError } from '../errors/run-failed-error.ts'
import { tool } from '../run/callable-tool.ts'
import type { Run } from '../run/run.ts'
import { Deeds } from '../testing/deeds.ts'
import { interrupted } from '../testing/interrupted.ts'
import { temporaryFolder, temporaryLedger } from '../testing/story.ts'
import type { CompensationContext } from '../tool/tool-definition.ts'

const BOOM = new Error('the agent gave up')

/** Runs the agent in a run that then fails, and gives what the caller was thrown. */
async function failing(ledger: ReturnType<typeof temporaryLedger>, id: string, agent: () => Promise<unknown>) {
  return ledger
    .run({ id }, async () => {
      await agent()
      throw BOOM
    })
    .then(
      () => undefined,
      (error: unknown) => error,
    )
}

test('a failed run is undone in reverse order, and throws its own error', async () => {
  const ledger = temporaryLedger()
  const deeds = new Deeds()
  const pay = deeds.step('pay')
  const ship = deeds.step('ship')
  const thrown = await failing(ledger, 'order', async () => {
    await pay({ note: 'a' })
    await ship({ note: 'b' })
    await pay({ note: 'c' })
  })
  expect(thrown).toBe(BOOM)
  expect(deeds.undone).toEqual(['pay c', 'ship b', 'pay a'])
  expect(await ledger.runs.get('order')).toMatchObject({ status: 'compensated', error: { message: BOOM.message } })
  expect((await ledger.effects.list({ runId: 'order' })).map(({ status }) => status)).toEqual(
    Array(3).fill('compensated'),
  )
  await expect(ledger.run({ id: 'order' }, () => 1)).rejects.toThrow(RunFailedError)
  expect((await ledger.verify()).problems).toEqual([])
})

test('a run without anything to undo has simply failed', async () => {
  const ledger = temporaryLedger()
  const look = tool({ name: 'look', effect: 'read', execute: () => 1 })
  const note = tool({ name: 'note', execute: () => 1 })
  await failing(ledger, 'order', async () => [await look(), await note()])
  expect((await ledger.runs.get('order'))?.status).toBe('failed')
})

test("onError: 'keep' leaves what was done; so does a thread, unless it says otherwise", async () => {
  const ledger = temporaryLedger()
  const deeds = new Deeds()
  const pay = deeds.step('pay')
  const fail = async () => {
    await pay({ note: 'a' })
    throw BOOM
  }
  await expect(ledger.run({ id: 'kept', onError: 'keep' }, fail)).rejects.toBe(BOOM)
  await expect(ledger.run({ id: 'turn', thread: 't' }, fail)).rejects.toBe(BOOM)
  expect(deeds.undone).toEqual([])
  await expect(ledger.run({ id: 'strict', thread: 't', onError: 'compensate' }, fail)).rejects.toBe(BOOM)
  expect(deeds.undone).toEqual(['pay a'])
  expect((await ledger.runs.list()).map(({ status }) => status)).toEqual(['compensated', 'failed', 'failed'])
})

test('a compensation gets the result, the arguments and a key of its own', async () => {
  const ledger = temporaryLedger()
  const seen: unknown[] = []
  const keys = new Set<string>()
  const pay = tool({
    name: 'pay',
    execute: (args: { cents: number }, { idempotencyKey }) => {
      keys.add(idempotencyKey)
      return { id: 'ch_1', cents: args.cents }
    },
    compensate: (charge, args, context) => {
      seen.push(charge, args, context.result, context.attempt, context.generation, context.runId)
      keys.add(context.idempotencyKey)
    },
  })
  await failing(ledger, 'order', () => pay({ cents: 5 }))
  const charge = { id: 'ch_1', cents: 5 }
  expect(seen).toEqual([charge, { cents: 5 }, charge, 1, 1, 'order'])
  expect(keys.size).toBe(2)
})

test('a compensation that is named is that tool, with the forward arguments and the result in the context', async () => {
  const seen: unknown[] = []
  const refund = tool({
    name: 'refund-card',
    execute: (args: { cents: number }, context) => void seen.push(args, (context as CompensationContext).result),
  })
  const charge = tool({
    name: 'charge-card',
    execute: ({ cents }: { cents: number }) => `charged ${cents}`,
    compensate: 'refund-card',
  })
  const ledger = temporaryLedger({ tools: [refund] })
  await failing(ledger, 'order', () => charge({ cents: 5 }))
  expect(seen).toEqual([{ cents: 5 }, 'charged 5'])
  // It is recorded on what it undid, and is no effect of its own.
  expect((await ledger.effects.list()).map((effect) => [effect.tool, effect.status])).toEqual([
    ['charge-card', 'compensated'],
  ])
})

test('a compensation by a name that nobody knows is refused before anything happens', async () => {
  const ledger = temporaryLedger()
  const charged: number[] = []
  const charge = tool({ name: 'charge', execute: () => charged.push(1), compensate: 'no-such-tool' })
  await expect(ledger.run(() => charge())).rejects.toThrow(/'no-such-tool', which this ledger does not know/)
  expect(charged).toEqual([])
})

test('a resumed run undoes what was done before the crash, though its tools are registered nowhere', async () => {
  const folder = temporaryFolder()
  const deeds = new Deeds()
  const pay = deeds.step('pay')
  await interrupted(temporaryLedger({}, folder), 'order', () => pay({ note: 'a' }))
  const later = temporaryLedger({}, folder)
  expect(await failing(later, 'order', () => pay({ note: 'a' }))).toBe(BOOM)
  expect(deeds.log).toEqual(['pay a', 'undo pay a'])
})

test('a failing compensation stops nothing, is kept, and can be repeated', async () => {
  const deeds = new Deeds()
  let isBroken = true
  const pay = deeds.step('pay')
  const ship = deeds.step('ship', {
    compensate: () => {
      if (isBroken) throw new Error('the carrier is closed')
      deeds.log.push('undo ship b')
    },
  })
  const ledger = temporaryLedger({ tools: [pay, ship] })
  const thrown = await failing(ledger, 'order', async () => {
    await pay({ note: 'a' })
    await ship({ note: 'b' })
    await pay({ note: 'c' })
  })
  expect(thrown).toSatisfy(CompensationFailedError.isInstance.bind(CompensationFailedError))
  const failure = thrown as CompensationFailedError
  expect(failure.cause).toBe(BOOM)
  expect(failure.failures).toMatchObject([{ tool: 'ship', error: { message: 'the carrier is closed' } }])
  expect(deeds.undone).toEqual(['pay c', 'pay a'])
  await expect(ledger.run({ id: 'order', retry: true }, () => 1)).rejects.toThrow(CompensationFailedError)

  isBroken = false
  expect(await ledger.runs.compensate('order')).toMatchObject({ status: 'compensated', compensated: 1, failures: [] })
  expect(deeds.undone).toEqual(['pay c', 'pay a', 'ship b'])
  expect((await ledger.verify()).problems).toEqual([])
})

test("compensations have the tool's retries, counted on the record", async () => {
  const ledger = temporaryLedger()
  const attempts: number[] = []
  const pay = tool({
    name: 'pay',
    execute: () => 'paid',
    retry: { attempts: 3, backoff: { initialMs: 0, maxMs: 0 } },
    compensate: (_result, _args, { attempt }) => {
      attempts.push(attempt)
      if (attempt < 3) throw new Error('not yet')
    },
  })
  await failing(ledger, 'order', () => pay())
  expect(attempts).toEqual([1, 2, 3])
  expect((await ledger.runs.get('order'))?.status).toBe('compensated')
})

test('what is known not to have happened is never compensated; nor is what merely threw', async () => {
  const ledger = temporaryLedger()
  const deeds = new Deeds()
  const declined = deeds.step('declined', {
    execute: () => {
      throw new NotAppliedError('the card is declined')
    },
  } as never)
  const broken = deeds.step('broken', {
    execute: () => {
      throw new TypeError('a bug')
    },
  } as never)
  const pay = deeds.step('pay')
  await failing(ledger, 'order', async () => {
    await pay({ note: 'a' })
    await declined({ note: 'x' }).catch(() => undefined)
    await broken({ note: 'y' }).catch(() => undefined)
  })
  expect(deeds.undone).toEqual(['pay a'])
  expect((await ledger.runs.get('order'))?.status).toBe('compensated')
})

test('a compensated run that is tried again starts new generations, and is served nothing from before', async () => {
  const ledger = temporaryLedger()
  const deeds = new Deeds()
  const keys: string[] = []
  const pay = tool({
    name: 'pay',
    execute: (args: { note: string }, context) => {
      keys.push(context.idempotencyKey)
      return `${args.note} ${context.generation}`
    },
    compensate: (result) => void deeds.log.push(`undo ${result}`),
  })
  const asked: string[] = []
  const agent = (isDoomed: boolean) => async (run: Run) => {
    await run.call({ provider: 'test', model: 'm', request: { messages: ['go'] } }, async () => {
      asked.push('model')
      return 'pay'
    })
    const paid = await pay({ note: 'a' })
    if (isDoomed) throw BOOM
    return paid
  }
  await expect(ledger.run({ id: 'order' }, agent(true))).rejects.toBe(BOOM)
  await expect(ledger.run({ id: 'order', retry: true }, agent(false))).resolves.toBe('a 2')
  expect(new Set(keys).size).toBe(2)
  expect(asked).toHaveLength(2)
  expect(deeds.undone).toEqual(['a 1'])
  expect((await ledger.effects.list()).map(({ status }) => status)).toEqual(['compensated', 'succeeded'])
})

test('a missing tool stops the compensation where it stands, and whoever has it goes on', async () => {
  const folder = temporaryFolder()
  const deeds = new Deeds()
  const pay = deeds.step('pay')
  const ship = deeds.step('ship')
  const first = temporaryLedger({}, folder)
  await expect(
    first.run({ id: 'order', onError: 'keep' }, async () => {
      await pay({ note: 'a' })
      await ship({ note: 'b' })
      throw BOOM
    }),
  ).rejects.toBe(BOOM)

  const stranger = temporaryLedger({ tools: [pay] }, folder)
  await expect(stranger.runs.compensate('order')).rejects.toThrow(/'ship' is not known in this process/)
  expect(deeds.undone).toEqual([])
  expect((await stranger.runs.get('order'))?.status).toBe('compensating')

  const friend = temporaryLedger({ tools: [pay, ship] }, folder)
  expect(await friend.runs.compensate('order')).toMatchObject({ status: 'compensated', compensated: 2 })
  expect(deeds.undone).toEqual(['ship b', 'pay a'])
})

test('what is recorded as a hash only can still be undone by what the tool keeps, also when it is over', async () => {
  const undone: unknown[] = []
  const pay = tool({
    name: 'pay',
    record: 'hash',
    execute: ({ card }: { card: string }) => ({ id: 'ch_1', card }),
    keep: ({ id }) => id,
    compensate: (result, args, { kept }) => void undone.push([result, args, kept]),
  })
  const ledger = temporaryLedger({ tools: [pay] })
  await ledger.run({ id: 'order' }, async () => (await pay({ card: '4242' })).id)
  expect(await ledger.runs.compensate('order')).toMatchObject({ status: 'compensated', compensated: 1 })
  expect(undone).toEqual([[undefined, undefined, 'ch_1']])
})

test('a human says that it was undone outside, and the run can be tried again', async () => {
  const pay = tool({
    name: 'pay',
    execute: (_: unknown, { generation }) => generation,
    compensate: () => {
      throw new Error('the bank is closed')
    },
  })
  const ledger = temporaryLedger({ tools: [pay] })
  const thrown = (await failing(ledger, 'order', () => pay({}))) as CompensationFailedError
  const [left] = thrown.failures
  await ledger.effects.resolve(left?.key ?? '', { outcome: 'compensated', by: 'ops', reason: 'by phone' })
  expect(await ledger.runs.compensate('order')).toMatchObject({ status: 'compensated', compensated: 0, failures: [] })
  await expect(ledger.run({ id: 'order', retry: true }, () => pay({}))).resolves.toBe(2)
  const again = ledger.effects.resolve(left?.key ?? '', { outcome: 'compensated' })
  await expect(again).rejects.toThrow(/is succeeded, not compensation_failed/)
  expect((await ledger.verify()).problems).toEqual([])
})

test('a failure that only seems to have had no effect is asked about when a compensated run is tried again', async () => {
  const ledger = temporaryLedger()
  const deeds = new Deeds()
  const pay = deeds.step('pay')
  let isBroken = true
  const answers = ['not_applied'] as const
  const ship = tool({
    name: 'ship',
    execute: () => {
      if (isBroken) throw new TypeError('after the request?')
      return 'shipped'
    },
    compensate: () => undefined,
    onUnknown: () => ({ kind: isBroken ? 'unknown' : answers[0] }),
  })
  const order = async () => [await pay({ note: 'a' }), await ship()]
  await expect(ledger.run({ id: 'order' }, order)).rejects.toThrow()
  isBroken = false
  ledger.reconfigure({ tools: [pay, ship] })
  await ledger.runs.compensate('order')
  await expect(ledger.run({ id: 'order', retry: true }, order)).resolves.toEqual(['pay a', 'shipped'])
})

test('without anybody to ask, a human is told what to settle instead of being served the old failure', async () => {
  const ledger = temporaryLedger()
  const deeds = new Deeds()
  const pay = deeds.step('pay')
  let isBroken = true
  const note = tool({
    name: 'note',
    execute: () => {
      if (isBroken) throw new TypeError('a bug')
      return 'noted'
    },
  })
  const order = async () => [await pay({ note: 'a' }), await note()]
  await expect(ledger.run({ id: 'order' }, order)).rejects.toThrow('a bug')
  isBroken = false
  const unknown = await ledger.run({ id: 'order', retry: true }, order).catch((error: unknown) => error)
  expect(unknown).toMatchObject({ code: 'effect-unknown', tool: 'note' })
  await ledger.effects.resolve((unknown as { key: string }).key, { outcome: 'not_applied' })
  await expect(ledger.run({ id: 'order', retry: true }, order)).resolves.toEqual(['pay a', 'noted'])
})
