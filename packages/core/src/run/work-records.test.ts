import { describe, expect, test } from 'vitest'
import { DivergenceError } from '../errors/divergence-error.ts'
import { NotAppliedError } from '../errors/not-applied-error.ts'
import { countedTool } from '../testing/counted-tool.ts'
import { interrupted } from '../testing/interrupted.ts'
import { temporaryLedger } from '../testing/story.ts'
import { tool } from './callable-tool.ts'
import type { Run } from './run.ts'

type Work = () => Promise<unknown>
type Within = (run: Run, work: Work) => Promise<unknown>

const ID = { id: 'turn-1' }

const WORKS: readonly (readonly [string, Within])[] = [
  ['the function of a value', (run, work) => run.value('summary', work)],
  ['the sender of a call', (run, work) => run.call({ provider: 'p', model: 'm', request: { n: 1 } }, work)],
]

/** A model that words its answer anew each time. */
function model() {
  let times = 0
  return {
    ask: (run: Run, prompt: string) =>
      run.call({ provider: 'p', model: 'm', request: { prompt } }, async () => `${prompt} in words ${++times}`),
  }
}

/** Declined as often as it is to be, without effect. */
function declining(times: number) {
  const done: string[] = []
  const pay = tool({
    name: 'pay',
    execute: ({ card }: { card: string }) => {
      done.push(card)
      if (card === 'old' && done.length <= times) throw new NotAppliedError('card declined')
      return `paid by ${card}`
    },
  })
  return Object.assign(pay, { done })
}

describe.each(WORKS)('%s', (_, within) => {
  test('each sends what may be sent again for itself, and with what is beside it', async () => {
    const ledger = temporaryLedger()
    const send = countedTool('send', { repeatable: true })
    const twice = () => Promise.all([send({ note: 'hi' }), send({ note: 'hi' })])
    const agent = async (run: Run) => {
      await Promise.all([send({ note: 'hi' }), within(run, twice), within(run, twice), run.value('other', twice)])
      await send({ note: 'hi' })
    }
    await interrupted(ledger, ID.id, agent)
    await ledger.run(ID, agent)
    expect(send.done).toHaveLength(8)
    expect((await ledger.verify()).problems).toEqual([])
  })

  test('meets the failure again that its agent went on from', async () => {
    const ledger = temporaryLedger()
    const pay = declining(1)
    const agent = (run: Run) => within(run, () => pay({ card: 'old' })).catch(() => pay({ card: 'new' }))
    await interrupted(ledger, ID.id, agent)
    expect(await ledger.run(ID, agent)).toBe('paid by new')
    expect(pay.done).toEqual(['old', 'new'])
  })

  test('asks anew for the failure that ended its run, when that is retried', async () => {
    const ledger = temporaryLedger()
    const pay = declining(1)
    const agent = (run: Run) => within(run, () => pay({ card: 'old' }))
    await expect(ledger.run(ID, agent)).rejects.toThrow('declined')
    expect(await ledger.run({ ...ID, retry: true }, agent)).toBe('paid by old')
    expect(pay.done).toEqual(['old', 'old'])
  })
})

describe('the function of a value that died before its outcome was on record', () => {
  test('goes through what was recorded in it', async () => {
    const ledger = temporaryLedger()
    const { ask } = model()
    const [charge, look] = [countedTool('charge'), countedTool('look', { effect: 'read' })]
    const died = Promise.withResolvers<never>()
    died.promise.catch(() => undefined)
    const agent = (life: number) => (run: Run) =>
      run.value('summary', async () => {
        const note = await ask(run, 'what to buy')
        await look({ note })
        await charge({ note })
        return life === 1 ? died.promise : note
      })
    await interrupted(ledger, ID.id, (run) => {
      void agent(1)(run).catch(() => undefined)
      return charged(charge.done, died.reject)
    })
    expect(await ledger.run(ID, agent(2))).toBe('what to buy in words 1')
    expect([charge.done, look.done]).toEqual([['what to buy in words 1'], ['what to buy in words 1']])
  })

  test('keeps what it did before the failure that is asked for anew', async () => {
    const ledger = temporaryLedger()
    const [charge, pay] = [countedTool('charge'), declining(1)]
    const { ask } = model()
    const agent = (run: Run) =>
      run.value('summary', async () => {
        await charge({ note: await ask(run, 'what to buy') })
        await pay({ card: 'old' })
        return ask(run, 'and now?')
      })
    await expect(ledger.run({ ...ID, onError: 'keep' }, agent)).rejects.toThrow('declined')
    expect(await ledger.run({ ...ID, retry: true }, agent)).toBe('and now? in words 2')
    expect(charge.done).toEqual(['what to buy in words 1'])
  })
})

test('a call in whose sender something was written is not sent again when its answer was lost', async () => {
  const ledger = temporaryLedger()
  const charge = countedTool('charge')
  const agent = (run: Run) =>
    run.call({ provider: 'p', model: 'm', request: { n: 1 } }, async () => {
      await charge({ note: `words ${charge.done.length}` })
      throw new Error('overloaded')
    })
  await expect(ledger.run({ ...ID, onError: 'keep' }, agent)).rejects.toThrow('overloaded')
  await expect(ledger.run({ ...ID, retry: true }, agent)).rejects.toThrow(DivergenceError)
  expect(charge.done).toEqual(['words 0'])
})

describe('in the next attempt of a body', () => {
  const REPEATED: typeof WORKS = [
    ['the function of a value', (run, work) => run.value('summary', work)],
    ['a read', (_, work) => tool({ name: 'look', effect: 'read', execute: work })()],
  ]
  test.each(REPEATED)('%s repeats nothing that has happened in it', async (_, within) => {
    const ledger = temporaryLedger()
    const { ask } = model()
    const charge = countedTool('charge')
    let times = 0
    await ledger.run(ID, async (run) => {
      const outer = tool({
        name: 'outer',
        onUnknown: 'retry',
        retry: { attempts: 2, backoff: { initialMs: 1 } },
        execute: () =>
          within(run, async () => {
            await charge({ note: await ask(run, 'what to buy') })
            if (++times === 1) throw new Error('not yet')
            return 'bought'
          }),
      })
      return outer()
    })
    expect(times).toBe(2)
    expect(charge.done).toEqual(['what to buy in words 1'])
  })
})

/** Ends the work as a process does that dies: by an error after which nothing is recorded. */
async function charged(done: readonly string[], die: (reason: Error) => void): Promise<void> {
  while (done.length === 0) await new Promise((resolve) => setImmediate(resolve))
  die(new Error('died'))
}
