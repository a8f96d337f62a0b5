import { describe, expect, test } from 'vitest'
import { DivergenceError } from '../errors/divergence-error.ts'
import type { Ledger } from '../ledger.ts'
import { countedTool } from '../testing/counted-tool.ts'
import { interrupted } from '../testing/interrupted.ts'
import { temporaryLedger } from '../testing/story.ts'
import { tool } from './callable-tool.ts'
import { currentRun } from './current-run.ts'
import type { Run } from './run.ts'

type Charge = ReturnType<typeof countedTool>
type Work = (ledger: Ledger, charge: Charge, words: string) => Promise<unknown>

const inChild: Work = (ledger, charge, words) =>
  ledger.run({ name: 'buyer', input: words }, () => charge({ note: words }))

const inGrandchild: Work = (ledger, charge, words) =>
  ledger.run({ name: 'manager', input: words }, () => inChild(ledger, charge, words))

const inRead: Work = (_, charge, words) => reading(() => charge({ note: words }))(words)

const inChildOfRead: Work = (ledger, charge, words) => reading(() => inChild(ledger, charge, words))(words)

const inReadOfRead: Work = (_, charge, words) => reading(() => reading(() => charge({ note: words }))(words))(words)

const inValue: Work = (_, charge, words) => currentRun().value('bought', () => charge({ note: words }))

const inReadOfValue: Work = (_, charge, words) =>
  currentRun().value('bought', () => reading(() => charge({ note: words }))(words))

const inChildOfValue: Work = (ledger, charge, words) =>
  currentRun().value('bought', () => inChild(ledger, charge, words))

const inSender: Work = (_, charge, words) =>
  currentRun().call({ provider: 'test', model: 'test-1', request: { messages: ['buy', words] } }, () =>
    charge({ note: words }),
  )

const inFailedEffect: Work = async (_, charge, words) => {
  const buy = tool({
    name: 'buy',
    execute: async ({ note }: { note: string }) => {
      await charge({ note })
      throw new Error('no stock')
    },
  })
  return buy({ note: words }).catch(() => 'failed')
}

const inChildOfFailed: Work = (ledger, charge, words) =>
  inFailedEffect(
    ledger,
    Object.assign((args: { note: string }) => inChild(ledger, charge, args.note), charge),
    words,
  )

function reading(execute: () => Promise<unknown>) {
  const look = tool({ name: 'look', effect: 'read', execute: (_: { words: string }) => execute() })
  return (words: string) => look({ words })
}

function ask(run: Run, prompt: string, answer: string): Promise<string> {
  return run.call({ provider: 'test', model: 'test-1', request: { messages: [prompt] } }, async () => answer)
}

/** A model words what is done next: another prompt, other words. */
function agent(ledger: Ledger, charge: Charge, work: Work, prompt: string) {
  return async (run: Run) => work(ledger, charge, await ask(run, prompt, `tea, asked by ${prompt}`))
}

const places: readonly [string, Work][] = [
  ['in a child run', inChild],
  ['in a child of a child', inGrandchild],
  ['in the body of a read', inRead],
  ['in a child run of a read', inChildOfRead],
  ['in a read inside a read', inReadOfRead],
  ['in the function of a value', inValue],
  ['in a read inside a value', inReadOfValue],
  ['in a child run of a value', inChildOfValue],
  ['in the sender of a call', inSender],
  ['in an effect that failed', inFailedEffect],
  ['in a child run of an effect that failed', inChildOfFailed],
]

describe('a recorded write below the lane of a model call', () => {
  test.each(places)('%s keeps a changed call from going live', async (_, work) => {
    const ledger = temporaryLedger()
    const charge = countedTool('charge')
    await interrupted(ledger, 'turn-1', agent(ledger, charge, work, 'v1'))
    const again = ledger.run({ id: 'turn-1' }, agent(ledger, charge, work, 'v2'))
    await expect(again).rejects.toThrow(DivergenceError)
    expect(charge.done).toEqual(['tea, asked by v1'])
  })

  test.each(places)('%s lets a new call go live once it has been reached again', async (_, work) => {
    const ledger = temporaryLedger()
    const charge = countedTool('charge')
    const first = agent(ledger, charge, work, 'v1')
    await interrupted(ledger, 'turn-1', first)
    const resumed = await ledger.run({ id: 'turn-1' }, async (run) => {
      await first(run)
      return ask(run, 'and now?', 'done')
    })
    expect([resumed, charge.done]).toEqual(['done', ['tea, asked by v1']])
  })

  test('under a key of the caller counts too, because another child run is another owner of that key', async () => {
    const ledger = temporaryLedger()
    const charge = countedTool('charge', { key: () => 'the order' })
    await interrupted(ledger, 'turn-1', agent(ledger, charge, inChild, 'v1'))
    await expect(ledger.run({ id: 'turn-1' }, agent(ledger, charge, inChild, 'v2'))).rejects.toThrow('halted')
    expect(charge.done).toHaveLength(1)
  })

  test('that is once per ledger, or in a child run with an id of its own, cannot be repeated', async () => {
    const ledger = temporaryLedger()
    const once = countedTool('charge', {
      once: 'ledger',
      resource: () => ({ namespace: 'shop', type: 'order', id: 1 }),
    })
    await interrupted(ledger, 'turn-1', agent(ledger, once, inChild, 'v1'))
    expect(await ledger.run({ id: 'turn-1' }, agent(ledger, once, inChild, 'v2'))).toBe('charge of tea, asked by v1')
    const named: Work = (_, charge) => ledger.run({ id: 'buyer-of-turn-2' }, () => charge({ note: 'tea' }))
    const charge = countedTool('charge')
    await interrupted(ledger, 'turn-2', agent(ledger, charge, named, 'v1'))
    await ledger.run({ id: 'turn-2' }, agent(ledger, charge, named, 'v2'))
    expect(charge.done).toEqual(['tea'])
  })

  test('in a read that comes in another order keeps the record of its body', async () => {
    const ledger = temporaryLedger()
    const charge = countedTool('charge')
    const agent = (first: string, second: string, life: number) => async (run: Run) => {
      const look = tool({
        name: 'look',
        effect: 'read',
        execute: async ({ at }: { at: string }) => {
          if (at === 'nothing') return undefined
          await charge({ note: await ask(run, at, `words of life ${life}`) })
          // What cannot be stored is read again.
          return () => 'words'
        },
      })
      await Promise.allSettled([look({ at: first }), look({ at: second })])
    }
    await interrupted(ledger, 'turn-1', agent('nothing', 'order', 1))
    await ledger.run({ id: 'turn-1' }, agent('order', 'nothing', 2))
    expect(charge.done).toEqual(['words of life 1'])
  })

  test('in the second read of one key is not taken for reached by the first', async () => {
    const ledger = temporaryLedger()
    const charge = countedTool('charge')
    let reads = 0
    const look = tool({ name: 'look', effect: 'read', execute: () => charge({ note: `read ${++reads}` }) })
    await interrupted(ledger, 'turn-1', async () => [await look(), await look()])
    const again = ledger.run({ id: 'turn-1' }, async (run) => [await look(), await ask(run, 'new', 'words')])
    await expect(again).rejects.toThrow(DivergenceError)
    expect(charge.done).toEqual(['read 1', 'read 2'])
  })
})
