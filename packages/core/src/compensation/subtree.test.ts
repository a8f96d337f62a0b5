import { expect, test } from 'vitest'
import { RunFailedError } from '../errors/run-failed-error.ts'
import { tool } from '../run/callable-tool.ts'
import { gate } from '../testing/counted-tool.ts'
import { Deeds } from '../testing/deeds.ts'
import { temporaryFolder, temporaryLedger } from '../testing/story.ts'

const BOOM = new Error('the agent gave up')

test('a parent undoes what its completed children did, in the order of all commits', async () => {
  const ledger = temporaryLedger()
  const deeds = new Deeds()
  const pay = deeds.step('pay')
  const parent = ledger.run({ id: 'parent' }, async () => {
    await pay({ note: '1' })
    await ledger.run({ name: 'child' }, () => pay({ note: '2' }))
    await pay({ note: '3' })
    await ledger.run({ name: 'child', input: 2 }, () => pay({ note: '4' }))
    throw BOOM
  })
  await expect(parent).rejects.toBe(BOOM)
  expect(deeds.undone).toEqual(['pay 4', 'pay 3', 'pay 2', 'pay 1'])
  expect((await ledger.runs.list()).map(({ status }) => status)).toEqual(['compensated', 'compensated', 'compensated'])
  expect((await ledger.verify()).problems).toEqual([])
})

test('a child that failed and undid itself is done; its parent goes on, and undoes the rest later', async () => {
  const ledger = temporaryLedger()
  const deeds = new Deeds()
  const pay = deeds.step('pay')
  const parent = ledger.run({ id: 'parent' }, async () => {
    await pay({ note: '1' })
    const child = ledger.run({ name: 'child' }, async () => {
      await pay({ note: '2' })
      throw BOOM
    })
    await child.catch(() => undefined)
    expect(deeds.undone).toEqual(['pay 2'])
    await pay({ note: '3' })
    throw new Error('later')
  })
  await expect(parent).rejects.toThrow('later')
  expect(deeds.undone).toEqual(['pay 2', 'pay 3', 'pay 1'])
})

test("a child's `keep` covers its own failure only", async () => {
  const ledger = temporaryLedger()
  const deeds = new Deeds()
  const pay = deeds.step('pay')
  const parent = ledger.run({ id: 'parent' }, async () => {
    const child = ledger.run({ name: 'child', onError: 'keep' }, async () => {
      await pay({ note: '2' })
      throw BOOM
    })
    await child.catch(() => undefined)
    expect(deeds.undone).toEqual([])
    throw new Error('later')
  })
  await expect(parent).rejects.toThrow('later')
  expect(deeds.undone).toEqual(['pay 2'])
})

test('a retried parent finds its compensated children anew', async () => {
  const ledger = temporaryLedger()
  const deeds = new Deeds()
  const pay = deeds.step('pay')
  const agent = (isDoomed: boolean) => async () => {
    const paid = await ledger.run({ name: 'child' }, async () => `${await pay({ note: 'a' })}!`)
    if (isDoomed) throw BOOM
    return paid
  }
  await expect(ledger.run({ id: 'parent' }, agent(true))).rejects.toBe(BOOM)
  await expect(ledger.run({ id: 'parent', retry: true }, agent(false))).resolves.toBe('pay a!')
  expect(deeds.log).toEqual(['pay a', 'undo pay a', 'pay a'])
})

test('inner effects are undone by themselves, after the one that they happened in', async () => {
  const ledger = temporaryLedger()
  const deeds = new Deeds()
  const inner = deeds.step('inner')
  const outer = tool({
    name: 'outer',
    execute: async () => {
      await inner({ note: '1' })
      await inner({ note: '2' })
    },
    compensate: () => void deeds.log.push('undo outer'),
  })
  const run = ledger.run({ id: 'r' }, async () => {
    await outer()
    throw BOOM
  })
  await expect(run).rejects.toBe(BOOM)
  expect(deeds.undone).toEqual(['outer', 'inner 2', 'inner 1'])
})

test("covers: 'inner' undoes them in one, also in child runs, and a failure of it leaves them alone", async () => {
  const ledger = temporaryLedger()
  const deeds = new Deeds()
  const inner = deeds.step('inner')
  let isBroken = true
  const outer = tool({
    name: 'outer',
    execute: async () => {
      await inner({ note: '1' })
      await ledger.run({ name: 'child' }, () => inner({ note: '2' }))
    },
    compensate: () => {
      if (isBroken) throw new Error('closed')
      deeds.log.push('undo outer')
    },
    covers: 'inner',
  })
  const run = ledger.run({ id: 'r' }, async () => {
    await outer()
    throw BOOM
  })
  await expect(run).rejects.toMatchObject({ failures: [{ tool: 'outer' }] })
  expect(deeds.undone).toEqual([])
  isBroken = false
  ledger.reconfigure({ tools: [outer, inner] })
  expect(await ledger.runs.compensate('r')).toMatchObject({ status: 'compensated', compensated: 1 })
  expect(deeds.undone).toEqual(['outer'])
  const statuses = (await ledger.effects.list()).map(({ status }) => status)
  expect(statuses).toEqual(['compensated', 'compensated', 'compensated'])
  expect((await ledger.verify()).problems).toEqual([])
})

test('what is in flight when the agent fails is awaited, and undone as well', async () => {
  const ledger = temporaryLedger()
  const deeds = new Deeds()
  const slow = gate<string>()
  const ship = tool({
    name: 'ship',
    execute: async () => `shipped ${await slow.pass()}`,
    compensate: (result) => void deeds.log.push(`undo ${result}`),
  })
  const pay = deeds.step('pay')
  const run = ledger.run({ id: 'r' }, async () => {
    await pay({ note: 'a' })
    void ship().catch(() => undefined)
    await slow.started
    throw BOOM
  })
  await slow.started
  await new Promise((resolve) => setImmediate(resolve))
  expect(deeds.undone).toEqual([])
  slow.open('b')
  await expect(run).rejects.toBe(BOOM)
  expect(deeds.undone).toEqual(['shipped b', 'pay a'])
})

test('what is in flight in a child that nobody awaits is awaited too', async () => {
  const ledger = temporaryLedger()
  const deeds = new Deeds()
  const slow = gate<string>()
  const ship = tool({
    name: 'ship',
    execute: async () => `shipped ${await slow.pass()}`,
    compensate: (result) => void deeds.log.push(`undo ${result}`),
  })
  const run = ledger.run({ id: 'r' }, async () => {
    void ledger.run({ name: 'child' }, () => ship()).catch(() => undefined)
    await slow.started
    throw BOOM
  })
  await slow.started
  setImmediate(() => slow.open('b'))
  await expect(run).rejects.toBe(BOOM)
  expect(deeds.undone).toEqual(['shipped b'])
  expect((await ledger.verify()).problems).toEqual([])
})

test('tools that are called inside a compensation are refused: nothing of the run starts any more', async () => {
  const ledger = temporaryLedger()
  const deeds = new Deeds()
  const refund = deeds.step('refund')
  const pay = tool({ name: 'pay', execute: () => 1, compensate: () => refund({ note: 'x' }) })
  const run = ledger.run({ id: 'r' }, async () => {
    await pay()
    throw BOOM
  })
  await expect(run).rejects.toMatchObject({ failures: [{ error: { code: 'run-closed' } }] })
  expect(deeds.log).toEqual([])
})

test("an aborted run is kept by default, and undone with onAbort: 'compensate'", async () => {
  const folder = temporaryFolder()
  const ledger = temporaryLedger({}, folder)
  const deeds = new Deeds()
  const pay = deeds.step('pay')
  const aborted = async (id: string, onAbort: 'keep' | 'compensate') => {
    const controller = new AbortController()
    const run = ledger.run({ id, onAbort, signal: controller.signal }, async () => {
      await pay({ note: id })
      controller.abort(BOOM)
      await pay({ note: `${id} again` })
    })
    await expect(run).rejects.toBe(BOOM)
    return (await ledger.runs.get(id))?.status
  }
  expect(await aborted('kept', 'keep')).toBe('running')
  expect(await aborted('undone', 'compensate')).toBe('compensated')
  expect(deeds.undone).toEqual(['pay undone'])
  await expect(ledger.run({ id: 'undone' }, () => 1)).rejects.toThrow(RunFailedError)
})

test('a canceled run, a completed one and a waiting one can be undone by hand', async () => {
  const deeds = new Deeds()
  const pay = deeds.step('pay')
  const ledger = temporaryLedger({ tools: [pay] })
  await ledger.run({ id: 'completed' }, () => pay({ note: 'a' }))
  expect(await ledger.runs.compensate('completed')).toEqual({
    kind: 'done',
    status: 'compensated',
    compensated: 1,
    failures: [],
  })
  expect(deeds.undone).toEqual(['pay a'])
  expect(await ledger.runs.compensate('completed')).toMatchObject({ status: 'compensated', compensated: 0 })
  await expect(ledger.runs.compensate('nobody')).rejects.toThrow(/no run has the id 'nobody'/)
})
