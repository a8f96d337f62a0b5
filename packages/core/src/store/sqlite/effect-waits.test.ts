import { expect, test } from 'vitest'
import { claim, claiming, commit, key, openRun, openStore, temporaryFile } from './testing/fixture.ts'

test('an effect that would wait for its own ancestor is told so', async () => {
  const store = openStore(temporaryFile())
  const run = await openRun(store)
  const outer = await claim(store, run, { keys: [key(1)] })
  const inner = await claim(store, run, { keys: [key(2)], parentEffect: outer.id })
  const again = await store.claimEffect(claiming(run, { keys: [key(1)], parentEffect: inner.id, willWait: true }))
  expect(again).toMatchObject({ kind: 'busy', cycle: true })
})

test('two effects that would wait for each other: the second is told so', async () => {
  const store = openStore(temporaryFile())
  const run = await openRun(store)
  const first = await claim(store, run, { keys: [key(1)] })
  const second = await claim(store, run, { keys: [key(2)] })
  const waiting = claiming(run, { keys: [key(2)], parentEffect: first.id, willWait: true })
  expect(await store.claimEffect(waiting)).toMatchObject({ kind: 'busy', cycle: false })
  const closingIt = claiming(run, { keys: [key(1)], parentEffect: second.id, willWait: true })
  expect(await store.claimEffect(closingIt)).toMatchObject({ kind: 'busy', cycle: true })
})

test('a wait inside an inner effect counts for the outer one, and over three corners', async () => {
  const store = openStore(temporaryFile())
  const run = await openRun(store)
  const a = await claim(store, run, { keys: [key(1)] })
  const inner = await claim(store, run, { keys: [key(11)], parentEffect: a.id })
  const b = await claim(store, run, { keys: [key(2)] })
  const c = await claim(store, run, { keys: [key(3)] })
  await store.claimEffect(claiming(run, { keys: [key(2)], parentEffect: inner.id, willWait: true }))
  await store.claimEffect(claiming(run, { keys: [key(3)], parentEffect: b.id, willWait: true }))
  const last = await store.claimEffect(claiming(run, { keys: [key(1)], parentEffect: c.id, willWait: true }))
  expect(last).toMatchObject({ kind: 'busy', cycle: true })
})

test('a wait that ended, or whose waiter is done, closes no cycle', async () => {
  const store = openStore(temporaryFile())
  const run = await openRun(store)
  const first = await claim(store, run, { keys: [key(1)] })
  const second = await claim(store, run, { keys: [key(2)] })
  await store.claimEffect(claiming(run, { keys: [key(2)], parentEffect: first.id, willWait: true }))
  await store.endWait(first.id)
  const open = claiming(run, { keys: [key(1)], parentEffect: second.id, willWait: true })
  expect(await store.claimEffect(open)).toMatchObject({ kind: 'busy', cycle: false })
  await commit(store, run, second)
  const free = claiming(run, { keys: [key(2)], parentEffect: first.id, willWait: true })
  expect(await store.claimEffect(free)).toMatchObject({ kind: 'settled' })
})

test('an effect of a child run that would wait for the effect that opened the run is told so', async () => {
  const store = openStore(temporaryFile())
  const run = await openRun(store)
  const owner = { kind: 'scope', name: 'ledger' } as const
  const outer = await claim(store, run, { owner })
  const child = await openRun(store, { id: 'child', parent: { run, lane: 'root', effect: outer.id } })
  const again = await store.claimEffect(claiming(child, { owner, willWait: true }))
  expect(again).toMatchObject({ kind: 'busy', cycle: true })
})

test('a wait deep in a child run counts for the effect in which that run was opened', async () => {
  const store = openStore(temporaryFile())
  const run = await openRun(store)
  const owner = { kind: 'scope', name: 'ledger' } as const
  const outer = await claim(store, run, { owner })
  const other = await claim(store, run, { owner, keys: [key(2)] })
  const child = await openRun(store, { id: 'child', parent: { run, lane: 'root', effect: outer.id } })
  const inner = await claim(store, child)
  const waiting = claiming(child, { owner, keys: [key(2)], parentEffect: inner.id, willWait: true })
  expect(await store.claimEffect(waiting)).toMatchObject({ kind: 'busy', cycle: false })
  const closingIt = claiming(run, { owner, parentEffect: other.id, willWait: true })
  expect(await store.claimEffect(closingIt)).toMatchObject({ kind: 'busy', cycle: true })
})

test('who does not wait records nothing', async () => {
  const store = openStore(temporaryFile())
  const run = await openRun(store)
  const first = await claim(store, run, { keys: [key(1)] })
  const second = await claim(store, run, { keys: [key(2)] })
  await store.claimEffect(claiming(run, { keys: [key(2)], parentEffect: first.id }))
  const other = claiming(run, { keys: [key(1)], parentEffect: second.id, willWait: true })
  expect(await store.claimEffect(other)).toMatchObject({ kind: 'busy', cycle: false })
})
