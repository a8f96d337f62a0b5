import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../errors/config-error.ts'
import { StoreUnavailableError } from '../../errors/store-unavailable-error.ts'
import { connect } from './driver.ts'
import { memory, sqlite } from './sqlite.ts'
import { kill, startChild } from './testing/child.ts'
import { opening, openRun, openStore, settings, temporaryFile, temporaryFolder } from './testing/fixture.ts'

const NOBODY = 65_534
const TRY_OPEN = new URL('./testing/try-open.ts', import.meta.url).pathname

/** Opens the file in a process that has no special rights, whoever runs this test. */
function tryOpen(path: string): string {
  const rights = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}
  return execFileSync(process.execPath, [TRY_OPEN, path], { ...rights, encoding: 'utf8', cwd: '/' })
}

async function outageOf(path: string): Promise<string> {
  const store = openStore(path)
  const error = await store.openRun(opening()).catch((reason: unknown) => reason)
  if (!StoreUnavailableError.isInstance(error)) throw error
  return error.reason
}

describe('before the first verb', () => {
  test('nothing is opened and no folder is made', async () => {
    const path = join(temporaryFolder(), 'deep', 'ledger.db')
    const store = sqlite(path).open(settings())
    expect(existsSync(join(path, '..'))).toBe(false)
    await store.close()
    expect(existsSync(join(path, '..'))).toBe(false)
  })

  test('then the folder and the file are made', async () => {
    const path = join(temporaryFolder(), 'deep', 'er', 'ledger.db')
    await openRun(openStore(path))
    expect(existsSync(path)).toBe(true)
  })
})

describe('a store that cannot be opened says why', () => {
  test('a file that is not a database, which it leaves as it is', async () => {
    const path = temporaryFile()
    writeFileSync(path, 'a diary, and a long one '.repeat(100))
    expect(await outageOf(path)).toBe('not-a-database')
    expect(readFileSync(path, 'utf8')).toMatch(/^a diary/)
  })

  test('a folder in the place of the file', async () => {
    const path = temporaryFile()
    mkdirSync(path)
    expect(await outageOf(path)).toBe('cannot-open')
  })

  test('a file in the place of the folder', async () => {
    const path = temporaryFile()
    writeFileSync(path, '')
    expect(await outageOf(join(path, 'ledger.db'))).toBe('cannot-open')
  })

  test('a damaged file', async () => {
    const path = temporaryFile()
    const store = openStore(path)
    await openRun(store)
    await store.close()
    const bytes = readFileSync(path)
    writeFileSync(path, bytes.fill(0xff, 100, 3_000))
    expect(await outageOf(path)).toBe('corrupt')
  })

  test('a file that may not be written', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'ledger.db')
    const store = openStore(path)
    await openRun(store)
    await store.close()
    chmodSync(path, 0o444)
    chmodSync(folder, 0o755)
    expect(tryOpen(path)).toMatch(/^StoreUnavailableError (read-only|cannot-open)$/)
  })

  test('a folder in which nothing may be made', () => {
    const folder = temporaryFolder()
    chmodSync(folder, 0o555)
    expect(tryOpen(join(folder, 'ledger.db'))).toBe('StoreUnavailableError cannot-open')
    expect(tryOpen(join(folder, 'deep', 'ledger.db'))).toBe('StoreUnavailableError cannot-open')
  })

  test('a file that another program keeps locked', async () => {
    const path = temporaryFile()
    writeFileSync(path, '')
    const child = await startChild('hold-lock.ts', path, '5000')
    const store = openStore(path, {}, { busyMs: 100 })
    await expect(store.openRun(opening())).rejects.toMatchObject({ reason: 'busy', operation: 'openRun' })
    await kill(child)
    expect(await store.openRun(opening())).toMatchObject({ kind: 'opened' })
  })
})

describe('one file has one connection in a thread', () => {
  async function pathsOf(first: string, second: string): Promise<number> {
    const [one, other] = [openStore(first), openStore(second)]
    await openRun(one)
    await openRun(other, { id: 'run-2' })
    return (await connectionsOf(first)).length
  }
  /** Each connection that writes registers as an owner. */
  async function connectionsOf(path: string): Promise<readonly unknown[]> {
    const database = connect(path, 1_000)
    const owners = database.prepare('SELECT id FROM owner').all()
    database.close()
    return owners
  }

  test('for two ledgers', async () => {
    const path = temporaryFile()
    expect(await pathsOf(path, path)).toBe(1)
  })

  test('by a symbolic link to its folder or to itself', async () => {
    const folder = temporaryFolder()
    const links = temporaryFolder()
    symlinkSync(folder, join(links, 'folder'))
    symlinkSync(join(folder, 'ledger.db'), join(links, 'ledger.db'))
    const path = join(folder, 'ledger.db')
    expect(await pathsOf(path, join(links, 'folder', 'ledger.db'))).toBe(1)
    await openRun(openStore(join(links, 'ledger.db')), { id: 'run-3' })
    expect(await connectionsOf(path)).toHaveLength(1)
  })

  test('which closes with its last user', async () => {
    const path = temporaryFile()
    const [one, other] = [openStore(path), openStore(path)]
    await openRun(one)
    await openRun(other, { id: 'run-2' })
    await one.close()
    expect(await other.readRun('run-1')).toMatchObject({ id: 'run-1' })
    expect(existsSync(`${path}-wal`)).toBe(true)
    await other.close()
    expect(existsSync(`${path}-wal`)).toBe(false)
  })

  test('with durabilities of their own', async () => {
    const path = temporaryFile()
    const [fast, full] = [openStore(path, { durability: 'fast' }), openStore(path, { durability: 'full' })]
    await openRun(fast)
    await openRun(full, { id: 'run-2' })
    expect(await fast.listRuns({})).toHaveLength(2)
  })
})

describe('closing', () => {
  test('first writes what was issued before it', async () => {
    const path = temporaryFile()
    const store = openStore(path)
    for (let i = 0; i < 2; i++) store.enter()
    const opened = openRun(store)
    await store.close()
    expect(await opened).toMatchObject({ epoch: 1 })
    expect(await openStore(path).readRun('run-1')).toMatchObject({ id: 'run-1' })
  })

  test('may be done twice; a verb afterwards is a mistake that is named', async () => {
    const store = openStore(temporaryFile())
    await openRun(store)
    await store.close()
    await store.close()
    await expect(store.openRun(opening())).rejects.toThrow(ConfigError)
    await expect(store.readRun('run-1')).rejects.toThrow(/after it was closed/)
    store.enter()()
  })
})

test('a database in memory is its source’s own', async () => {
  const source = memory()
  const [one, same] = [source.open(settings()), source.open(settings())]
  const other = memory().open(settings())
  await openRun(one)
  expect(await same.readRun('run-1')).toMatchObject({ id: 'run-1' })
  expect(await other.readRun('run-1')).toBeNull()
  await Promise.all([one.close(), same.close(), other.close()])
})

test('a path that is none is refused at once', () => {
  expect(() => sqlite('')).toThrow(ConfigError)
  expect(() => sqlite(undefined as unknown as string)).toThrow(ConfigError)
  expect(() => sqlite('a.db', { busyMs: Number.NaN })).toThrow(ConfigError)
})

test('what later versions bring is refused by name', async () => {
  const store = openStore(temporaryFile())
  await expect(store.prune()).rejects.toMatchObject({ code: 'not-supported' })
})
