import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Ledger } from '../ledger.ts'
import { memory, sqlite } from '../store/sqlite/sqlite.ts'
import { interrupted } from '../testing/interrupted.ts'
import { temporaryFolder, temporaryLedger } from '../testing/story.ts'
import { tool } from './callable-tool.ts'
import type { Run } from './run.ts'

type Work = () => Promise<unknown>

const ID = { id: 'turn-1' }

/** What is recorded as a whole: once that is on record, what is called in it is not called again. */
const WHOLES: readonly (readonly [string, (run: Run, work: Work) => Promise<unknown>])[] = [
  ['the function of a value', (run, work) => run.value('summary', work)],
  ['the sender of a call', (run, work) => run.call({ provider: 'p', model: 'm', request: { n: 1 } }, work)],
  ['a read', (_, work) => tool({ name: 'whole', effect: 'read', execute: work })()],
  ['a write', (_, work) => tool({ name: 'whole', execute: work })()],
]

const STORES = [
  ['in memory', () => memory()],
  ['in a file', () => sqlite(join(temporaryFolder(), 'ledger.db'))],
] as const

/** Each call of it has another answer. */
function counting(name: string, policy: { effect?: 'read'; repeatable?: boolean } = {}) {
  let times = 0
  return tool({ name, ...policy, execute: () => ++times })
}

function failing(name: string) {
  let times = 0
  return tool({
    name,
    execute: () => {
      if (++times === 1) throw new Error('no stock')
      return times
    },
  })
}

type Call = () => Promise<unknown>

/** What can be called in it and again beside it, and what each call in turn comes to. */
const CALLS: readonly (readonly [string, (ledger: Ledger) => Call])[] = [
  ['a read', () => counting('look', { effect: 'read' })],
  ['a write that may be repeated', () => counting('send', { repeatable: true })],
  [
    'a write that fails at first',
    () => {
      const charge = failing('charge')
      return () => charge().catch(() => 'failed')
    },
  ],
  [
    'a child run',
    (ledger) => {
      let times = 0
      return () => ledger.run({ name: 'child' }, async () => ++times)
    },
  ],
  [
    'a value',
    () => {
      let times = 0
      return () => Promise.resolve(++times)
    },
  ],
]

describe.each(STORES)('%s,', (_store, store) => {
  describe.each(WHOLES)('what is called in %s', (_whole, within) => {
    test.each(CALLS)('is not given to whoever calls the same beside it on resume: %s', async (what, make) => {
      const ledger = temporaryLedger({ store: store() })
      const made = make(ledger)
      const call = (run: Run) => (what === 'a value' ? run.value('same', made) : made())
      const seen: unknown[][] = []
      const agent = async (run: Run, more: boolean) => {
        const values = [await call(run), await within(run, () => call(run)), await call(run)]
        seen.push(more ? [...values, await call(run)] : values)
      }
      await interrupted(ledger, ID.id, (run) => agent(run, false))
      await ledger.run(ID, (run) => agent(run, true))
      const [first = [], second = []] = seen
      expect(second.slice(0, 3)).toEqual(first)
    })
  })
})
