import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../errors/config-error.ts'
import { ManualClock } from '../../util/manual-clock.ts'
import type { TailCursor } from '../read-verbs.ts'
import type { EntryRecord, RunRef } from '../records.ts'
import type { Store } from '../store.ts'
import { memory } from './sqlite.ts'
import { AT, closing, MANY, openProcess, openRun, openStore, settings, temporaryFile } from './testing/fixture.ts'
import { act, fail, finishUndo, NOT_UNDONE, openUndo, undo } from './testing/undoing.ts'

const note = (at: number) => ({ kind: 'note', effect: null, body: null, at }) as const

function addNote(store: Store, run: RunRef | null, at: number): Promise<void> {
  return store.append({ run, entries: [note(at)], unprotected: false })
}

/** Reads on until there is nothing more. */
async function readAll(store: Store, from: TailCursor | null, limit: number) {
  const entries: EntryRecord[] = []
  let cursor = from
  for (;;) {
    const page = await store.tail(cursor, limit)
    cursor = page.cursor
    if (page.entries.length === 0) return { entries, cursor }
    entries.push(...page.entries)
  }
}

describe('tail', () => {
  test('follows a run that runs, and one that is touched after it ended', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store)
    const first = await store.tail(null, MANY)
    expect(first.entries.map(({ kind }) => kind)).toEqual(['run-opened'])
    await addNote(store, run, AT)
    await store.closeRun(closing(run, 'completed'))
    const second = await store.tail(first.cursor, MANY)
    expect(second.entries.map(({ kind }) => kind)).toEqual(['note', 'run-closed'])
    const third = await store.tail(second.cursor, MANY)
    expect(third.entries).toEqual([])
    await addNote(store, run, AT)
    expect((await store.tail(third.cursor, MANY)).entries).toMatchObject([{ kind: 'note', number: 4 }])
  })

  test('gives entries of several streams in the order of their times', async () => {
    const store = openStore(temporaryFile())
    const a = await openRun(store, { id: 'a', at: 1 })
    const b = await openRun(store, { id: 'b', at: 2 })
    await addNote(store, b, 3)
    await addNote(store, a, 4)
    await addNote(store, null, 5)
    const { entries } = await store.tail(null, MANY)
    expect(entries.map(({ stream, at }) => `${stream}@${at}`)).toEqual(['a@1', 'b@2', 'b@3', 'a@4', 'ledger@5'])
  })

  test('keeps each stream’s own order where the wall clock went backwards', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store, { at: 100 })
    await addNote(store, run, 50)
    await addNote(store, null, 70)
    const { entries } = await store.tail(null, MANY)
    expect(entries.map(({ at }) => at)).toEqual([70, 100, 50])
  })

  test('is not held up by a stream that is busier than the limit', async () => {
    const store = openStore(temporaryFile())
    const busy = await openRun(store, { id: 'busy' })
    let { cursor } = await store.tail(null, 2)
    await openRun(store, { id: 'quiet', at: AT + 1 })
    const seen: string[] = []
    for (let page = 0; page < 4; page++) {
      for (let i = 0; i < 4; i++) await addNote(store, busy, AT + 10 + page)
      const next = await store.tail(cursor, 2)
      cursor = next.cursor
      seen.push(...next.entries.map(({ stream }) => stream))
    }
    expect(seen).toContain('quiet')
  })

  test('needs a cursor that it made', async () => {
    const store = openStore(temporaryFile())
    await expect(store.tail('nonsense', 1)).rejects.toThrow(ConfigError)
  })

  test('keeps only what is open in its cursor', async () => {
    const store = openStore(temporaryFile())
    for (let i = 0; i < 50; i++) {
      const run = await openRun(store, { id: `run-${i}` })
      await store.closeRun(closing(run, 'completed'))
    }
    const { cursor } = await readAll(store, null, 7)
    expect(cursor.length).toBeLessThan(60)
  })
})

type Act =
  | {
      readonly kind: 'open' | 'close' | 'cancel' | 'retry' | 'note' | 'ledger'
      readonly run: number
      readonly store: number
    }
  | { readonly kind: 'read'; readonly limit: number }

const anyAct: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom('open', 'close', 'cancel', 'retry', 'note', 'note', 'ledger'),
      run: fc.nat(3),
      store: fc.nat(1),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('read'), limit: fc.integer({ min: 1, max: 4 }) }) },
)

test('a reader beside any writers misses nothing, gets nothing twice, and each stream in its order', async () => {
  const path = temporaryFile()
  const stores = [openProcess(path, new ManualClock()), openProcess(path, new ManualClock())]
  let round = 0
  let cursor: TailCursor | null = null
  await fc.assert(
    fc.asyncProperty(fc.array(anyAct, { minLength: 5, maxLength: 40 }), async (acts) => {
      const prefix = `round ${round++} `
      const before = cursor
      const got: EntryRecord[] = []
      const refs = new Map<string, RunRef>()
      const read = async (limit: number) => {
        const page = await (stores[1] as Store).tail(cursor, limit)
        expect(page.entries.length).toBeLessThanOrEqual(limit)
        cursor = page.cursor
        got.push(...page.entries)
      }
      for (const one of acts) {
        if (one.kind === 'read') await read(one.limit)
        else await perform(stores[one.store] as Store, refs, `${prefix}${one.run}`, one.kind)
      }
      for (let more = -1; more !== got.length; ) {
        more = got.length
        await read(5)
      }
      const all = await readAll(stores[0] as Store, before, MANY)
      const text = (entry: EntryRecord) => `${entry.stream} ${entry.number} ${entry.kind}`
      expect(got.map(text).sort()).toEqual(all.entries.map(text).sort())
      for (const stream of new Set(got.map((entry) => entry.stream))) {
        const numbers = got.filter((entry) => entry.stream === stream).map(({ number }) => number)
        expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
        const last =
          stream === 'ledger' ? numbers.length : (await (stores[0] as Store).listEntries(stream, 0, MANY)).length
        expect(numbers).toHaveLength(last)
      }
    }),
    { numRuns: 60 },
  )
}, 60_000)

test('a reader misses nothing of a run that is undone, whenever it looks', async () => {
  const store = openStore(temporaryFile())
  let round = 0
  let cursor: TailCursor | null = null
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }), async (looks) => {
      const id = `round ${round++}`
      const got: EntryRecord[] = []
      const look = async () => {
        const page = await readAll(store, cursor, 3)
        cursor = page.cursor
        got.push(...page.entries)
      }
      for (const [index, step] of undoneTwice(store, id).entries()) {
        await step()
        if (looks[index]) await look()
      }
      await look()
      expect(got).toEqual(await store.listEntries(id, 0, MANY))
    }),
    { numRuns: 60 },
  )
}, 60_000)

/** A run whose compensation fails, and is gone through again when it was over. */
function undoneTwice(store: Store, id: string): readonly (() => Promise<unknown>)[] {
  let run: RunRef
  let effect: number
  return [
    async () => {
      run = await openRun(store, { id })
      effect = (await act(store, run)).id
    },
    async () => {
      run = await fail(store, run)
    },
    () => undo(store, run, effect, NOT_UNDONE),
    () => finishUndo(store, run),
    async () => {
      run = await openUndo(store, { id })
    },
    () => undo(store, run, effect),
    () => store.finishCompensation({ run, to: 'released', listed: false, at: AT }),
    () => finishUndo(store, run),
  ]
}

async function perform(
  store: Store,
  refs: Map<string, RunRef>,
  id: string,
  kind: Exclude<Act['kind'], 'read'>,
): Promise<void> {
  const ref = refs.get(id)
  if (kind === 'open' || kind === 'retry') {
    const opened = await store.openRun({ ...OPEN, id, retry: kind === 'retry' })
    if (opened.kind === 'opened') refs.set(id, opened.ref)
    return
  }
  if (kind === 'ledger') return addNote(store, null, AT)
  if (ref === undefined) return
  if (kind === 'note') await addNote(store, ref, AT)
  else if (kind === 'close') await store.closeRun(closing(ref, 'failed'))
  else await store.cancelRun({ id, error: '{}', at: AT })
}

const OPEN = {
  ...{ name: null, thread: null, input: null, inputHash: null, tags: [], parent: null },
  ...{ leaseMs: 1, shared: true, retry: false, at: AT },
}

test('an empty ledger has nothing to tell', async () => {
  const store = memory().open(settings())
  expect((await store.tail(null, MANY)).entries).toEqual([])
  await store.close()
})
