/**
 * What the seeds must be beaten at where things are undone, for agents that know nothing of sagas: S1 and S3 to S6. S2 is
 * in acceptance-retries.test.ts, the same for sagas and plans in saga-agent.test.ts, and the whole matrix of crash points in
 * test/crash.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CompensationFailedError, executePlan, formatRun, NotAppliedError, saga, tool, toSagaAudit } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { killedAt } from './support/children.ts'
import { BOOM, failing } from './support/failing-run.ts'
import { fileLedger, gate, memoryLedger, temporaryFolder } from './support/ledgers.ts'
import { noteIn, shopTools } from './support/shop.ts'

interface Deed {
  readonly of: string
}

/** Tools that write down what they do and undo. */
function deeds() {
  const log: string[] = []
  const deed = (name: string, undoing: () => unknown = () => undefined) =>
    tool({
      name,
      execute: ({ of }: Deed) => {
        log.push(`${name} ${of}`)
        return { id: `${name}-${of}` }
      },
      compensate: async (result, args) => {
        await undoing()
        log.push(`undo ${name} ${args.of} by ${result.id}`)
      },
    })
  return { log, deed }
}

describe('S1: what was done is undone in reverse', () => {
  test('over the whole tree of runs, each with its result and its arguments, sagas by their groups', async () => {
    const { log, deed } = deeds()
    const [pay, mail, book] = [deed('pay'), deed('mail'), deed('book', meeting(2))]
    const ledger = memoryLedger()
    const of = (name: string) => () => ({ of: name })
    const thrown = await failing(ledger, async () => {
      await pay({ of: 'a' })
      await ledger.run({ name: 'child' }, () => mail({ of: 'b' }))
      await saga<void>('trip')
        .parallel((group) => group.step('there', book, of('c')).step('back', book, of('d')))
        .execute(undefined)
      await pay({ of: 'e' })
    })
    expect(thrown).toBe(BOOM)
    const undone = log.slice(5)
    expect(undone.slice(0, 1)).toEqual(['undo pay e by pay-e'])
    expect(undone.slice(1, 3).toSorted()).toEqual(['undo book c by book-c', 'undo book d by book-d'])
    expect(undone.slice(3)).toEqual(['undo mail b by mail-b', 'undo pay a by pay-a'])
    expect((await ledger.verify()).problems).toEqual([])
  })

  test('except what is known not to have happened; what nobody knows is asked about, and then undone if it did', async () => {
    const undone: string[] = []
    const step = (name: string, error: unknown, happened: boolean | undefined) =>
      tool({
        name,
        onUnknown: () => (happened ? { kind: 'applied', result: 'found' } : { kind: 'not_applied' }),
        execute: (): string => {
          throw error
        },
        compensate: (result) => void undone.push(`${name}: ${result}`),
      })
    const reset = Object.assign(new Error('reset'), { code: 'ECONNRESET' })
    const steps = [
      step('declined', new NotAppliedError('declined'), true),
      step('lost', reset, false),
      step('assumed, and it happened', new Error('odd'), true),
      step('assumed, and it did not', new Error('odd'), false),
    ]
    await failing(memoryLedger(), async () => {
      for (const one of steps) await one(undefined).catch(() => undefined)
    })
    expect(undone).toEqual(['assumed, and it happened: found'])
  })

  test('nothing is undone while something of it is still being done', async () => {
    const { log, deed } = deeds()
    const slow = gate()
    const late = tool({
      name: 'late',
      execute: async (_: undefined) => {
        await slow.pass()
        log.push('late')
      },
      compensate: () => void log.push('undo late'),
    })
    const failed = failing(memoryLedger(), async () => {
      await deed('pay')({ of: 'a' })
      // Nobody waits for it.
      late(undefined).catch(() => undefined)
      await slow.entered
    })
    await new Promise((resolve) => setImmediate(resolve))
    slow.open()
    expect(await failed).toBe(BOOM)
    expect(log).toEqual(['pay a', 'late', 'undo late', 'undo pay a by pay-a'])
  })
})

describe('S3: a process that is killed', () => {
  const lines = (folder: string) => readFileSync(join(folder, 'log'), 'utf8').trim().split('\n')

  test('on its way forward is undone by whoever gives its run up', async () => {
    const folder = temporaryFolder()
    await killedAt('before-claim:2', './dying-order.ts', folder)
    const tools = Object.values(shopTools(noteIn(join(folder, 'log'))))
    const ledger = fileLedger(folder, { tools })
    // Nobody decides over a run that somebody may go on with.
    expect((await ledger.recover()).resumable).toMatchObject([{ id: 'order-1', dead: true }])
    expect(lines(folder)).toHaveLength(1)
    const then = 'compensate'
    const recovery = await ledger.recover({ abandoned: { olderThanMs: 0, then } })
    expect(recovery.abandoned).toEqual(['order-1'])
    expect(lines(folder).map((line) => line.replace(/ hfc?_.*/, ''))).toEqual(['pay 1', 'refund TX-1'])
  })

  test.each([
    'before-compensation',
    'after-compensation-claim',
    'after-compensation-body',
    'in-compensation-commit-transaction',
    'between-compensations',
    'after-compensations',
  ])('on its way back, %s, is finished by two that recover at once, under the same keys', async (point) => {
    const folder = temporaryFolder()
    await killedAt(point, './dying-order.ts', folder)
    const tools = Object.values(shopTools(noteIn(join(folder, 'log'))))
    const ledgers = [fileLedger(folder, { tools }), fileLedger(folder, { tools })] as const
    const recovered = await Promise.all(ledgers.map((ledger) => ledger.recover()))
    expect(recovered.flatMap(({ compensated }) => compensated)).toEqual([{ runId: 'order-1', status: 'compensated' }])
    const undone = lines(folder).slice(2)
    // At least once; what honours keys sees one of each, the last deed first.
    expect([...new Set(undone)].map((line) => line.replace(/ hfc?_.*/, ''))).toEqual(['put back A', 'refund TX-1'])
    const [ledger] = ledgers
    expect(await ledger.recover()).toMatchObject({ compensated: [], resumable: [], blocked: [] })
    expect(await ledger.runs.get('order-1')).toMatchObject({ status: 'compensated', error: { message: BOOM.message } })
    expect((await ledger.verify()).problems).toEqual([])
  })
})

describe('S4: an aborted signal', () => {
  test.each(['compensate', 'keep'] as const)(
    "starts nothing more, and with onAbort: '%s' does that",
    async (onAbort) => {
      const { log, deed } = deeds()
      const controller = new AbortController()
      const ledger = memoryLedger()
      const pay = deed('pay')
      const agent = async () => {
        await pay({ of: 'a' })
        controller.abort(new Error('the user left'))
        await pay({ of: 'b' })
      }
      await expect(ledger.run({ id: 'x', onAbort, signal: controller.signal }, agent)).rejects.toThrow('the user left')
      const undone = onAbort === 'compensate' ? ['undo pay a by pay-a'] : []
      expect(log).toEqual(['pay a', ...undone])
      // Kept, it is let go, and the same id goes on with it.
      await ledger.run({ id: 'x', retry: true }, agent)
      expect(log.slice(1 + undone.length)).toEqual(onAbort === 'compensate' ? ['pay a', 'pay b'] : ['pay b'])
    },
  )
})

test('S5: a compensation that fails is kept beside the run’s own error, stops no other, and can be repeated', async () => {
  const { log, deed } = deeds()
  let isBroken = true
  const odd = tool({
    name: 'odd',
    execute: (_: undefined) => ({ at: new Date(0), size: 5n, all: new Set([1]), broken: undefined }),
    compensate: ({ size }) => {
      if (isBroken) throw new RangeError(`cannot undo ${size}`)
      log.push(`undo odd ${size}`)
    },
  })
  const lost = tool({ name: 'lost', execute: (_: undefined) => ({ socket: () => 1 }), compensate: () => undefined })
  const [first, last] = [deed('first'), deed('last')]
  const ledger = memoryLedger({ tools: [odd, lost, first, last] })
  const thrown = await failing(ledger, async () => {
    await first({ of: 'a' })
    await odd(undefined)
    await lost(undefined).catch(() => undefined)
    await last({ of: 'b' })
  })
  const failed = CompensationFailedError.find(thrown)
  expect(failed?.cause).toBe(BOOM)
  expect(failed?.failures.map(({ tool: name, error }) => [name, error.name])).toEqual([
    ['lost', 'NotSerializableError'],
    ['odd', 'RangeError'],
  ])
  expect(log.slice(2)).toEqual(['undo last b by last-b', 'undo first a by first-a'])
  expect(await ledger.runs.get('order')).toMatchObject({
    status: 'compensation_failed',
    error: { message: BOOM.message },
  })
  const [record] = await ledger.effects.list({ tool: 'odd' })
  expect(record?.compensation).toMatchObject({ attempts: 1, error: { message: 'cannot undo 5' }, endedAt: null })
  const exported = await ledger.runs.export('order')
  expect(() => [JSON.stringify(exported), JSON.stringify(toSagaAudit(exported)), formatRun(exported)]).not.toThrow()
  expect(exported.entries.map(({ kind }) => kind)).toContain('compensation-failed')

  isBroken = false
  expect(await ledger.runs.compensate('order')).toMatchObject({ compensated: 1, failures: [{ tool: 'lost' }] })
  await ledger.effects.resolve((await ledger.effects.list({ tool: 'lost' }))[0]?.key ?? '', { outcome: 'compensated' })
  expect(await ledger.runs.compensate('order')).toMatchObject({ status: 'compensated', failures: [] })
  expect(log.slice(4)).toEqual(['undo odd 5'])
})

describe('S6: a step that cannot be executed stops the plan before its first', () => {
  const good = { tool: 'pay', args: { of: 'a' } }
  const checked = {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value: unknown) =>
        (value as { of?: unknown } | undefined)?.of === undefined ? { issues: [{ message: 'is missing' }] } : { value },
    },
  } as const
  const bad: Record<string, unknown> = {
    'a tool that is not there': { tool: 'pya' },
    'arguments that do not fit': { tool: 'pay', args: {} },
    'arguments that cannot be stored': { tool: 'any', args: { socket: () => 1 } },
    'a member that is none': { tol: 'pay' },
    'an empty group': [],
    'a group in a group': [[good]],
  }

  test.each(Object.keys(bad))('%s, in every shape', async (name) => {
    const done: unknown[] = []
    const pay = tool({ name: 'pay', inputSchema: checked, execute: (args) => void done.push(args) })
    const any = tool({ name: 'any', execute: (args: unknown) => void done.push(args) })
    const one = bad[name]
    const shapes = [
      [good, one],
      [[good], one],
      [good, ...(Array.isArray(one) ? [one] : [[good, one]])],
    ]
    for (const plan of shapes) {
      const executed = executePlan(plan as never, [pay, any], { ledger: memoryLedger() })
      await expect(executed).rejects.toThrow()
    }
    expect(done).toEqual([])
  })
})

/** Lets nobody pass before all are there: who is not side by side with the others waits for ever. */
function meeting(count: number): () => Promise<void> {
  const all = gate()
  let there = 0
  return () => {
    if (++there === count) all.open()
    return all.pass()
  }
}
