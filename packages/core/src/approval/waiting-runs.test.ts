import { describe, expect, test } from 'vitest'
import { ApprovalRequiredError } from '../errors/approval-required-error.ts'
import { tool } from '../run/callable-tool.ts'
import { currentRun } from '../run/current-run.ts'
import type { Run } from '../run/run.ts'
import { countedTool, gate } from '../testing/counted-tool.ts'
import { eventually } from '../testing/eventually.ts'
import { temporaryFolder, temporaryLedger } from '../testing/story.ts'
import { ID, pendingOf, TEA, waiting } from './testing/waiting-run.ts'

const call = (run: Run, sent: string[]) =>
  run.call({ provider: 'test', model: 'test-1', request: { messages: ['hi'] } }, async () => {
    sent.push('sent')
    return 'said'
  })

describe('while a human is asked', () => {
  test('siblings in flight finish before the run waits, and are served when it goes on', async () => {
    const ledger = temporaryLedger()
    const { started, pass, open } = gate<string>()
    const mail = countedTool('mail', { approval: true })
    const done: string[] = []
    const charge = tool({
      name: 'charge',
      execute: async (_: typeof TEA) => {
        const said = await pass()
        done.push(said)
        return said
      },
    })
    const agent = async () => {
      const charging = charge(TEA)
      await started
      const [charged, mailed] = await Promise.allSettled([charging, mail(TEA)])
      if (mailed.status === 'rejected') throw mailed.reason
      return [charged.status === 'fulfilled' && charged.value, mailed.value]
    }
    const ended = waiting(ledger, agent)
    await eventually(async () => expect(await pendingOf(ledger)).toHaveLength(1))
    expect(await ledger.runs.get(ID.id)).toMatchObject({ status: 'running' })
    open('paid')
    const key = await ended
    expect(await ledger.effects.list({ tool: 'charge' })).toMatchObject([{ status: 'succeeded' }])
    await ledger.approvals.approve(key)
    expect(await ledger.run(ID, agent)).toEqual(['paid', 'mail of tea'])
    expect([done, mail.done]).toEqual([['paid'], ['tea']])
  })

  test('a sibling that was claimed at the same moment is executed, not given up', async () => {
    const ledger = temporaryLedger()
    const [mail, charge] = [countedTool('mail', { approval: true }), countedTool('charge')]
    const agent = () => Promise.all([mail(TEA), charge(TEA)])
    const key = await waiting(ledger, agent)
    expect(charge.done).toEqual(['tea'])
    await ledger.approvals.approve(key)
    expect(await ledger.run(ID, agent)).toEqual(['mail of tea', 'charge of tea'])
    expect(charge.done).toEqual(['tea'])
  })

  test('a sibling in flight that fails has the attempts that its tool allows', async () => {
    const ledger = temporaryLedger()
    const { started, pass, break: fail } = gate<string>()
    const mail = countedTool('mail', { approval: true })
    let tries = 0
    const charge = tool({
      name: 'charge',
      retry: { attempts: 3, backoff: { initialMs: 1 } },
      execute: (_: typeof TEA) => (++tries === 1 ? pass() : tries === 2 ? Promise.reject(new Error('again')) : 'paid'),
    })
    const agent = async () => {
      const charging = charge(TEA)
      await Promise.race([started, charging])
      const [charged, mailed] = await Promise.allSettled([charging, mail(TEA)])
      return [charged.status === 'fulfilled' && charged.value, mailed.status === 'fulfilled' && mailed.value]
    }
    const ended = waiting(ledger, agent)
    await eventually(async () => expect(await pendingOf(ledger)).toHaveLength(1))
    fail(new Error('busy'))
    await ledger.approvals.approve(await ended)
    expect(await ledger.run(ID, agent)).toEqual(['paid', 'mail of tea'])
    expect(tries).toBe(3)
  })

  test('a body in flight may still ask a model, and what the agent asked before is answered', async () => {
    const ledger = temporaryLedger()
    const { started, pass, open } = gate<void>()
    const mail = countedTool('mail', { approval: true })
    const signals: boolean[] = []
    const ask = (run: Run, about: string) =>
      run.call({ provider: 'test', model: 'test-1', request: { messages: [about] } }, async ({ signal }) => {
        await pass()
        signals.push(signal.aborted)
        return about
      })
    const charge = tool({
      name: 'charge',
      execute: async (_: typeof TEA) => {
        await pass()
        return ask(currentRun(), 'in the body')
      },
    })
    const agent = async (run: Run) => {
      const begun = [charge(TEA), ask(run, 'in the run')]
      await Promise.race([started, ...begun])
      const all = await Promise.allSettled([mail(TEA), ...begun])
      return all.map((one) => (one.status === 'fulfilled' ? one.value : 'refused'))
    }
    const ended = waiting(ledger, agent)
    await eventually(async () => expect(await pendingOf(ledger)).toHaveLength(1))
    open()
    await ledger.approvals.approve(await ended)
    expect(await ledger.run(ID, agent)).toEqual(['mail of tea', 'in the body', 'in the run'])
    expect(signals).toEqual([false, false])
  })

  test('there is no last word either', async () => {
    const ledger = temporaryLedger()
    const [mail, sent] = [countedTool('mail', { approval: true }), [] as string[]]
    await waiting(ledger, async (run) => {
      await mail(TEA).catch(() => undefined)
      await expect(run.final(() => call(run, sent))).rejects.toThrow(ApprovalRequiredError)
    })
    expect(sent).toEqual([])
  })

  test('the run starts nothing more, whatever its agent makes of the error, and waits whatever it returns', async () => {
    const ledger = temporaryLedger()
    const [charge, mail, look] = [
      countedTool('charge', { approval: true }),
      countedTool('mail'),
      countedTool('look', { effect: 'read' }),
    ]
    const sent: string[] = []
    const agent = async (run: Run) => {
      await charge(TEA).catch(() => 'a message to the model')
      const rest = await Promise.allSettled([mail(TEA), look(TEA), call(run, sent)])
      return rest.map(({ status }) => status)
    }
    const key = await waiting(ledger, agent)
    expect([mail.done, look.done, sent]).toEqual([[], [], []])
    await ledger.approvals.approve(key)
    expect(await ledger.run(ID, agent)).toEqual(['fulfilled', 'fulfilled', 'fulfilled'])
    expect([charge.done, mail.done, look.done, sent]).toEqual([['tea'], ['tea'], ['tea'], ['sent']])
  })

  test('nothing of the run is compensated', async () => {
    const ledger = temporaryLedger()
    const undone: unknown[] = []
    const charge = countedTool('charge', { compensate: (result) => void undone.push(result) })
    const mail = countedTool('mail', { approval: true })
    const agent = async () => {
      await charge(TEA)
      await mail(TEA)
    }
    const key = await waiting(ledger, agent)
    expect(undone).toEqual([])
    await ledger.approvals.deny(key)
    await expect(ledger.run(ID, agent)).rejects.toThrow('was denied')
    expect(undone).toEqual(['charge of tea'])
  })

  test('the runs above the one that asks wait with it, and go on with it', async () => {
    const ledger = temporaryLedger()
    const [charge, mail] = [countedTool('charge', { approval: true }), countedTool('mail')]
    const agent = async () => {
      const charged = await ledger.run({ name: 'child' }, () => charge(TEA)).catch(() => 'swallowed')
      return [charged, await mail(TEA)]
    }
    const key = await waiting(ledger, agent)
    expect((await ledger.runs.list()).map(({ status }) => status)).toEqual(['waiting', 'waiting'])
    expect(mail.done).toEqual([])
    await ledger.approvals.approve(key)
    expect(await ledger.run(ID, agent)).toEqual(['charge of tea', 'mail of tea'])
    expect((await ledger.runs.list()).map(({ status }) => status)).toEqual(['completed', 'completed'])
  })

  test('another process goes on with the run, its model calls served from the record', async () => {
    const folder = temporaryFolder()
    const [first, second] = [temporaryLedger({}, folder), temporaryLedger({}, folder)]
    const sent: string[] = []
    const agent = (charge: (args: typeof TEA) => Promise<string>) => async (run: Run) => {
      await call(run, sent)
      return charge(TEA)
    }
    const [here, there] = [countedTool('charge', { approval: true }), countedTool('charge', { approval: true })]
    const key = await waiting(first, agent(here))
    await second.approvals.approve(key)
    expect(await second.run(ID, agent(there))).toBe('charge of tea')
    expect([here.done, there.done, sent]).toEqual([[], ['tea'], ['sent']])
  })
})

describe('a body that performs what needs an approval', () => {
  test('goes on after it if its tool is safe to repeat, and serves what it did before', async () => {
    const ledger = temporaryLedger()
    const [first, second] = [countedTool('first'), countedTool('second', { approval: true })]
    const outer = tool({
      name: 'outer',
      onUnknown: 'retry',
      execute: async (_: typeof TEA) => [await first(TEA), await second(TEA)],
    })
    const agent = () => outer(TEA)
    const key = await waiting(ledger, agent)
    expect(await ledger.effects.list({ tool: 'outer' })).toMatchObject([{ status: 'unknown' }])
    await waiting(ledger, agent)
    await ledger.approvals.approve(key)
    expect(await ledger.run(ID, agent)).toEqual(['first of tea', 'second of tea'])
    expect([first.done, second.done]).toEqual([['tea'], ['tea']])
  })

  test('starts anew if its tool says that nothing of it happened before that', async () => {
    const ledger = temporaryLedger()
    const inner = countedTool('inner', { approval: true })
    const outer = tool({
      name: 'outer',
      certainty: (error) => (ApprovalRequiredError.isInstance(error) ? 'not_applied' : undefined),
      execute: (_: typeof TEA) => inner(TEA),
    })
    const agent = () => outer(TEA)
    await ledger.approvals.approve(await waiting(ledger, agent))
    expect(await ledger.run(ID, agent)).toBe('inner of tea')
    expect(inner.done).toEqual(['tea'])
  })

  test('is not repeated by a guess: without a word of its tool the run stops at it', async () => {
    const ledger = temporaryLedger()
    const inner = countedTool('inner', { approval: true })
    const outer = tool({ name: 'outer', execute: (_: typeof TEA) => inner(TEA) })
    const agent = () => outer(TEA)
    await ledger.approvals.approve(await waiting(ledger, agent))
    await expect(ledger.run({ ...ID, onError: 'keep' }, agent)).rejects.toThrow('Nobody knows whether "outer" happened')
    expect(inner.done).toEqual([])
  })

  test('also in a read, which is read again', async () => {
    const ledger = temporaryLedger()
    const inner = countedTool('inner', { approval: true })
    let reads = 0
    const look = tool({
      name: 'look',
      effect: 'read',
      retry: { attempts: 3, backoff: { initialMs: 1 } },
      execute: (_: typeof TEA) => {
        reads++
        return inner(TEA)
      },
    })
    const agent = () => look(TEA)
    const key = await waiting(ledger, agent)
    expect(reads).toBe(1)
    await ledger.approvals.approve(key)
    expect(await ledger.run(ID, agent)).toBe('inner of tea')
    expect(inner.done).toEqual(['tea'])
  })
})
