import { describe, expect, onTestFinished, test } from 'vitest'
import { StoreUnavailableError } from '../errors/store-unavailable-error.ts'
import { type Clock, systemClock } from '../util/clock.ts'
import { ManualClock } from '../util/manual-clock.ts'
import type { Verb } from './batch-engine.ts'
import { Connection } from './sqlite/connection.ts'
import { connect } from './sqlite/driver.ts'
import { FULL, NORMAL } from './sqlite/durability.ts'
import { ended, startChild } from './sqlite/testing/child.ts'
import { settings, temporaryFile } from './sqlite/testing/fixture.ts'

interface Probe {
  readonly path: string
  readonly connection: Connection
  /** Submits a verb that writes `item`, of so many bytes. */
  readonly put: (item: string, verb?: Partial<Verb<unknown>>) => Promise<string>
  /** What another connection sees now. */
  readonly seen: () => readonly string[]
}

/** A connection to a real file with a table of the test's own. */
async function probe(options: { busyMs?: number; attempts?: number; clock?: Clock } = {}): Promise<Probe> {
  const path = temporaryFile()
  const { busyMs = 1_000, attempts = 0, clock = systemClock } = options
  const retries = { attempts, initialMs: 5 }
  const connection = new Connection({ path, busyMs, settings: settings({ retries, clock }) })
  const verb = { operation: 'put', level: NORMAL, bytes: 0, alone: false, retries }
  const submit = <T>(run: () => T, overrides: Partial<Verb<unknown>> = {}) =>
    connection.combiner.submit({ ...verb, ...overrides, run })
  await submit(() => connection.database.exec('CREATE TABLE item (name TEXT UNIQUE, body BLOB)'))
  const other = connect(path, 1_000)
  onTestFinished(async () => {
    other.close()
    await connection.close()
  })
  const put = (item: string, overrides: Partial<Verb<unknown>> = {}) =>
    submit(() => {
      const size = overrides.bytes ?? 0
      connection.database.prepare('INSERT INTO item VALUES (?, zeroblob(?))').run(item, size)
      return item
    }, overrides)
  const seen = () =>
    other
      .prepare<{ name: string }>('SELECT name FROM item ORDER BY rowid')
      .all()
      .map(({ name }) => name)
  return { path, connection, put, seen }
}

describe('when a verb runs', () => {
  test('alone it is committed at once, before its caller goes on', async () => {
    const { put, seen, connection } = await probe()
    const leave = connection.combiner.enter()
    const written = put('a')
    expect(seen()).toEqual(['a'])
    expect(await written).toBe('a')
    leave()
  })

  test('while others are in flight it waits for company until the next turn, and shares a transaction', async () => {
    const { put, seen, connection } = await probe()
    const leaves = [connection.combiner.enter(), connection.combiner.enter()]
    const before = connection.combiner.counts.batches
    const written = ['a', 'b', 'c'].map((item) => put(item))
    expect(seen()).toEqual([])
    expect(await Promise.all(written)).toEqual(['a', 'b', 'c'])
    expect(connection.combiner.counts.batches).toBe(before + 1)
    for (const leave of leaves) leave()
    put('d')
    expect(seen()).toEqual(['a', 'b', 'c', 'd'])
  })

  test('leaving twice counts once', async () => {
    const { put, seen, connection } = await probe()
    connection.combiner.enter()
    const leave = connection.combiner.enter()
    connection.combiner.enter()
    leave()
    leave()
    const written = put('a')
    expect(seen()).toEqual([])
    await written
  })

  test('a batch ends at 128 verbs, and at 4 MiB', async () => {
    const { put, connection } = await probe()
    for (let i = 0; i < 2; i++) connection.combiner.enter()
    const before = connection.combiner.counts
    await Promise.all(Array.from({ length: 300 }, (_, i) => put(`small ${i}`)))
    const after = connection.combiner.counts
    expect([after.batches - before.batches, after.verbs - before.verbs]).toEqual([3, 300])
    const large = connection.combiner.counts.batches
    await Promise.all(Array.from({ length: 3 }, (_, i) => put(`large ${i}`, { bytes: 3 * 1024 * 1024 })))
    expect(connection.combiner.counts.batches).toBe(large + 3)
  })
})

describe('a verb that fails', () => {
  test('takes no other of its batch with it', async () => {
    const { put, seen, connection } = await probe()
    for (let i = 0; i < 2; i++) connection.combiner.enter()
    const answers = await Promise.allSettled([put('a'), put('b'), put('a'), put('c')])
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
    expect(seen()).toEqual(['a', 'b', 'c'])
  })

  test('half way leaves nothing of itself behind', async () => {
    const { put, seen, connection } = await probe()
    for (let i = 0; i < 2; i++) connection.combiner.enter()
    const half = connection.combiner.submit({
      ...{ operation: 'half', level: NORMAL, bytes: 0, alone: false, retries: { attempts: 0, initialMs: 1 } },
      run: () => {
        connection.database.exec(`INSERT INTO item VALUES ('half', NULL)`)
        throw new Error('half way')
      },
    })
    const written = put('a')
    await expect(half).rejects.toThrow('half way')
    await written
    expect(seen()).toEqual(['a'])
  })

  test('because the disk is full is the only one told so, though the engine threw all of its batch away', async () => {
    const { put, seen, connection } = await probe()
    for (let i = 0; i < 2; i++) connection.combiner.enter()
    const pages = connection.database.pragma('page_count', { simple: true })
    connection.database.exec(`PRAGMA max_page_count = ${Number(pages) + 20}`)
    const first = put('a')
    const large = put('large', { bytes: 1024 * 1024 })
    const answers = await Promise.allSettled([first, large, put('b'), put('c')])
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
    await expect(large).rejects.toSatisfy(
      (error) => StoreUnavailableError.isInstance(error) && error.reason === 'full' && error.operation === 'put',
    )
    expect(seen()).toEqual(['a', 'b', 'c'])
  })

  test('because of an outage is tried again as often as the settings say, in its place', async () => {
    const clock = new ManualClock()
    const { put, seen, connection } = await probe({ attempts: 2, clock })
    for (let i = 0; i < 2; i++) connection.combiner.enter()
    const pages = Number(connection.database.pragma('page_count', { simple: true }))
    connection.database.exec(`PRAGMA max_page_count = ${pages + 4}`)
    const written = Promise.all([put('large', { bytes: 64 * 1024 }), put('small')])
    await clock.advance(5)
    expect(seen()).toEqual([])
    connection.database.exec(`PRAGMA max_page_count = ${pages + 1_000}`)
    await clock.advance(10)
    expect(await written).toEqual(['large', 'small'])
    expect(seen()).toEqual(['large', 'small'])
  })
})

test('an outage that stays is told after as many retries as the settings say', async () => {
  const clock = new ManualClock()
  const { put, connection } = await probe({ attempts: 2, clock })
  const pages = Number(connection.database.pragma('page_count', { simple: true }))
  connection.database.exec(`PRAGMA max_page_count = ${pages + 4}`)
  const written = put('large', { bytes: 64 * 1024 })
  const told = expect(written).rejects.toMatchObject({ reason: 'full', retries: 2 })
  await clock.advance(5)
  await clock.advance(10)
  expect(clock.pending).toBe(0)
  await told
})

test('an outage that stays is waited for once by all who wait, not by each in turn', async () => {
  const pauses: number[] = []
  const sleep: Clock['sleep'] = (ms, signal) => {
    pauses.push(ms)
    return systemClock.sleep(ms, signal)
  }
  const { put, connection } = await probe({ attempts: 2, clock: { ...systemClock, sleep } })
  for (let i = 0; i < 2; i++) connection.combiner.enter()
  const pages = Number(connection.database.pragma('page_count', { simple: true }))
  connection.database.exec(`PRAGMA max_page_count = ${pages + 4}`)
  const items = Array.from({ length: 20 }, (_, i) => `large ${i}`)
  const told = await Promise.allSettled(items.map((item) => put(item, { bytes: 64 * 1024 })))
  expect(told.filter(({ status }) => status === 'rejected')).toHaveLength(items.length)
  expect(pauses).toEqual([5, 10])
})

describe('an outage that the transaction survives', () => {
  test('lets a verb of a batch run again like any other outage', async () => {
    const clock = new ManualClock()
    const { put, seen, connection } = await probe({ clock })
    for (let i = 0; i < 2; i++) connection.combiner.enter()
    let failures = 1
    const shaky = connection.combiner.submit({
      ...{ operation: 'shaky', level: NORMAL, bytes: 0, alone: false, retries: { attempts: 1, initialMs: 5 } },
      run: () => {
        if (failures-- > 0) throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_WRITE' })
        connection.database.exec(`INSERT INTO item VALUES ('shaky', NULL)`)
      },
    })
    const steady = put('steady')
    await clock.advance(5)
    await Promise.all([shaky, steady])
    expect(seen()).toEqual(['shaky', 'steady'])
  })
})

describe('while another process holds the write lock', () => {
  test('verbs wait without blocking the event loop, and then run in order', async () => {
    const { path, put, seen } = await probe({ busyMs: 5_000 })
    const child = await startChild('hold-lock.ts', path, '400')
    let longest = 0
    let last = performance.now()
    const timer = setInterval(() => {
      longest = Math.max(longest, performance.now() - last)
      last = performance.now()
    }, 1)
    await Promise.all([put('a'), put('b'), put('c')])
    clearInterval(timer)
    expect(seen()).toEqual(['a', 'b', 'c'])
    expect(longest).toBeLessThan(100)
    expect(await ended(child)).toBe(0)
  })

  test('a verb gives up when its time is over, and says that nothing was recorded', async () => {
    const { path, put, seen } = await probe({ busyMs: 150 })
    const child = await startChild('hold-lock.ts', path, '3000')
    await expect(put('a')).rejects.toSatisfy(
      (error) => StoreUnavailableError.isInstance(error) && error.reason === 'busy' && error.message.includes('put'),
    )
    child.kill('SIGKILL')
    await ended(child)
    expect(await put('b')).toBe('b')
    expect(seen()).toEqual(['b'])
  })
})

describe('how far a batch is synced', () => {
  test('is as far as its strongest verb wants, whichever came before', async () => {
    const { connection } = await probe()
    const synchronous = (level: number) =>
      connection.combiner.submit({
        ...{ operation: 'look', level, bytes: 0, alone: false, retries: { attempts: 0, initialMs: 1 } },
        run: () => connection.database.pragma('synchronous', { simple: true }),
      })
    expect(await synchronous(FULL)).toBe(2)
    expect(await synchronous(NORMAL)).toBe(1)
    expect(await synchronous(FULL)).toBe(2)
    for (let i = 0; i < 2; i++) connection.combiner.enter()
    expect(await Promise.all([synchronous(NORMAL), synchronous(FULL), synchronous(NORMAL)])).toEqual([2, 2, 2])
  })
})
