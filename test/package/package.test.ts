import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { type Consumer, installPacked, removeConsumer, unpack } from './install-packed.ts'

let consumer: Consumer

beforeAll(() => {
  consumer = installPacked()
  return () => removeConsumer(consumer)
})

test('publint has nothing to say about the tarball', () => {
  expect(run('publint', ['run', consumer.tarball, '--strict'])).toMatchObject({ status: 0 })
})

test('attw finds the types of every resolution', () => {
  // `require` of an ES module is meant: every Node that we support can do it.
  const args = ['--profile', 'node16', '--ignore-rules', 'cjs-resolves-to-esm', '--no-definitely-typed']
  expect(run('attw', [consumer.tarball, ...args])).toMatchObject({ status: 0 })
})

test.each(['use.cjs', 'use.mjs'])('a consumer runs: %s', (file) => {
  expect(runJson(file)).toEqual({ output: 42 })
})

test('a strict consumer type checks as an ES module and as CommonJS, with only @types/node beside it', () => {
  expect(run('tsc', ['-p', '.'])).toMatchObject({ status: 0 })
})

test('the type check of a consumer can fail', () => {
  const { status, stdout } = run('tsc', ['-p', 'tsconfig.wrong.json'])
  expect(status).not.toBe(0)
  expect(stdout).toContain("Type 'string' is not assignable to type 'number'")
})

test('importing the root loads no other package and no native library', () => {
  const { loaded, libraries } = runJson('import-root.mjs') as { loaded: string[]; libraries: string[] }
  expect(loaded.length).toBeGreaterThan(0)
  expect(loaded.filter((url) => !url.includes('/node_modules/holdfast/dist/'))).toEqual([])
  expect(loaded.filter((url) => /tokenizer\/|price-data|sqlite\/migrations/.test(url))).toEqual([])
  expect(libraries).toEqual([])
})

test('two copies and 50 re-imports share one connection, one timer and the current run', () => {
  unpack(consumer.tarball, join(consumer.folder, 'node_modules', 'holdfast-copy'))
  expect(runJson('many-copies.mjs', [join(consumer.folder, 'shared.db')])).toEqual({
    alone: { connections: 1, timers: 1 },
    together: { connections: 1, timers: 1 },
    distinct: 52,
    sameRun: 51,
    sameRecord: 51,
    sameError: 51,
  })
})

function run(command: string, args: readonly string[]): SpawnSyncReturns<string> {
  return spawnSync(command, args, { cwd: consumer.folder, encoding: 'utf8' })
}

function runJson(file: string, args: readonly string[] = []): unknown {
  const { status, stdout, stderr } = run('node', [join(consumer.folder, file), ...args])
  if (status !== 0) throw new Error(`${file} ended with ${status}\n${stdout}${stderr}`)
  return JSON.parse(stdout)
}
