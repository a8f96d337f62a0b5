import { describe, expect, test } from 'vitest'
import type { Store } from '../store.ts'
import type { Connection } from './connection.ts'
import { NORMAL } from './durability.ts'
import { LimitBook } from './limit-book.ts'
import { Limits } from './limits.ts'
import { LEDGER_SEQ, Scopes } from './scopes.ts'
import { AT, openProcess, openRun, openStore, temporaryFile } from './testing/fixture.ts'
import { budget, setLimits } from './testing/money-fixture.ts'

/** A book of its own on the connection of a store that has been used. */
function bookOf(store: Store): LimitBook {
  const connection = store.identity as Connection
  return new LimitBook(connection.database, connection)
}

function scopeOf(store: Store, name: string): number {
  return new Scopes((store.identity as Connection).database).findOrCreate(name, AT)
}

/** The budget of the first limit in force on a scope; undefined: it has none. */
function budgetOf(book: LimitBook, seq: number): number | null | undefined {
  return book.current().of(seq).terms[0]?.budgetNano
}

describe('the limits of a scope', () => {
  test('are those of its exact name, else of the longest pattern that fits', async () => {
    const store = openStore(temporaryFile())
    await setLimits(store, { '*': [budget(1)], 'user:*': [budget(2)], 'user:a*': [budget(3)], 'user:ann': [budget(4)] })
    const book = bookOf(store)
    const budgets = ['user:ann', 'user:anna', 'user:bob', 'org:acme'].map((name) =>
      budgetOf(book, scopeOf(store, name)),
    )
    expect(budgets).toEqual([4, 3, 2, 1])
    expect(budgetOf(book, LEDGER_SEQ)).toBe(1)
    expect(book.current().of(LEDGER_SEQ)).toMatchObject({ name: 'ledger', runSeq: null })
  })

  test('set at run time go before all that code says, on a pattern too', async () => {
    const store = openStore(temporaryFile())
    // As a function answers: under the exact name.
    await setLimits(store, { 'user:ann': [budget(1)], 'user:*': [budget(2)] })
    await setLimits(store, { 'user:*': [budget(3)] }, 'runtime')
    const book = bookOf(store)
    const [ann, bob] = [scopeOf(store, 'user:ann'), scopeOf(store, 'user:bob')]
    expect([ann, bob].map((seq) => budgetOf(book, seq))).toEqual([3, 3])
    await setLimits(store, { 'user:ann': [], 'user:b*': [budget(4)] }, 'runtime')
    expect(book.current().of(ann).terms).toEqual([])
    expect(budgetOf(book, bob)).toBe(4)
    await setLimits(store, { 'user:ann': null, 'user:*': null, 'user:b*': null }, 'runtime')
    expect([ann, bob].map((seq) => budgetOf(book, seq))).toEqual([1, 2])
  })

  test('are known where they are empty, and unknown where nobody set any', async () => {
    const store = openStore(temporaryFile())
    await setLimits(store, { 'user:ann': [], 'org:*': [] })
    const current = bookOf(store).current()
    expect(['user:ann', 'org:acme', 'user:bob'].map((name) => current.find(name))).toEqual([[], [], null])
  })

  test('of a run whose id ends like a pattern are no other run’s', async () => {
    const store = openStore(temporaryFile())
    const run = await openRun(store, { id: '*', limits: [budget(1)] })
    const other = await openRun(store, { id: 'other' })
    const book = bookOf(store)
    expect(book.current().of(run.seq)).toMatchObject({ name: 'run:*', runSeq: run.seq, terms: [budget(1)] })
    expect(book.current().of(other.seq)).toMatchObject({ name: 'run:other', terms: [] })
    await setLimits(store, { 'run:*': [budget(2)] })
    expect([run, other].map(({ seq }) => budgetOf(book, seq))).toEqual([1, 2])
    expect(await store.listLimits('run:*')).toMatchObject([{ terms: [budget(2)] }, { terms: [budget(1)] }])
  })
})

describe('what is remembered', () => {
  test('is the same object until limits change, here or in another process', async () => {
    const path = temporaryFile()
    const [store, other] = [openProcess(path), openProcess(path)]
    await setLimits(store, { 'user:ann': [budget(1)] })
    const book = bookOf(store)
    const seq = scopeOf(store, 'user:ann')
    const before = book.current().of(seq)
    expect(book.current().of(seq)).toBe(before)
    await setLimits(other, { 'user:ann': [budget(1)] })
    expect(book.current().of(seq)).toBe(before)
    await setLimits(other, { 'user:ann': [budget(2)] })
    expect(budgetOf(book, seq)).toBe(2)
  })

  test('that there are none is remembered too, and forgotten with the first', async () => {
    const store = openStore(temporaryFile())
    await openRun(store)
    const book = bookOf(store)
    const seq = scopeOf(store, 'user:ann')
    expect(book.current().of(seq).terms).toEqual([])
    expect(book.current().of(seq)).toBe(book.current().of(seq))
    await setLimits(store, { 'user:*': [budget(1)] })
    expect(budgetOf(book, seq)).toBe(1)
  })

  test.each(['transaction', 'verb'])('goes with a %s that was lost', async (what) => {
    const store = openStore(temporaryFile())
    await setLimits(store, { 'user:ann': [budget(1)] })
    const seq = scopeOf(store, 'user:ann')
    const connection = store.identity as Connection
    const limits = new Limits(connection.database)
    const book = bookOf(store)
    const set = (nano: number) =>
      limits.setLimits({ limits: [{ pattern: 'user:ann', source: 'code', terms: [budget(nano)] }], at: AT })
    connection.begin(NORMAL)
    if (what === 'verb') connection.savepoint()
    set(2)
    expect(budgetOf(book, seq)).toBe(2)
    if (what === 'verb') connection.rollbackToSavepoint()
    else {
      connection.rollback()
      connection.begin(NORMAL)
    }
    // Under the very number that was lost.
    set(3)
    connection.commit()
    expect(budgetOf(book, seq)).toBe(3)
  })

  test('is at most a thousand scopes, and right for all', async () => {
    const store = openStore(temporaryFile())
    await setLimits(store, { 'user:*': [budget(1)], 'user:0': [budget(2)] })
    const book = bookOf(store)
    const seqs = Array.from({ length: 1_001 }, (_, i) => scopeOf(store, `user:${i}`))
    const scopes = seqs.map((seq) => book.current().of(seq))
    expect(book.current().of(seqs[1_000] as number)).toBe(scopes[1_000])
    const first = book.current().of(seqs[0] as number)
    expect(first).toEqual(scopes[0])
    expect(first).not.toBe(scopes[0])
  })
})

test('a scope that is not there has no limits to tell of', async () => {
  const store = openStore(temporaryFile())
  await openRun(store)
  const current = bookOf(store).current()
  expect(() => current.of(77)).toThrow(RangeError)
  expect(() => current.of(-77)).toThrow(RangeError)
})
