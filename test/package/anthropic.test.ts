import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { installAdapter } from './install-adapter.ts'
import { removeConsumer } from './install-packed.ts'

const VERSIONS = [
  { major: 1, sdk: '@anthropic-ai/sdk' },
  { major: 0, sdk: '@anthropic-ai/sdk-v0' },
]

describe.each(VERSIONS)('with @anthropic-ai/sdk $major', ({ major, sdk }) => {
  const consumer = installAdapter({
    name: 'anthropic',
    sdk: { '@anthropic-ai/sdk': sdk },
    programs: 'consumers-anthropic',
  })
  afterAll(() => removeConsumer(consumer))

  const run = (command: string, args: readonly string[]): SpawnSyncReturns<string> =>
    spawnSync(command, args, { cwd: consumer.folder, encoding: 'utf8' })

  test('publint has nothing to say about the tarball', () => {
    expect(run('publint', ['run', consumer.tarball, '--strict'])).toMatchObject({ status: 0 })
  })

  test('attw finds the types of every resolution', () => {
    const args = ['--profile', 'node16', '--ignore-rules', 'cjs-resolves-to-esm', '--no-definitely-typed']
    expect(run('attw', [consumer.tarball, ...args])).toMatchObject({ status: 0 })
  })

  test('a program that was written for the SDK type checks with only its import changed', () => {
    expect(run('tsc', ['-p', '.'])).toMatchObject({ status: 0, stdout: '' })
  })

  test('the type check can fail, also of options of ours', () => {
    const { status, stdout } = run('tsc', ['-p', 'tsconfig.wrong.json'])
    expect(status).not.toBe(0)
    expect(stdout.match(/error TS/g)).toHaveLength(2)
    expect(stdout).toContain("'leger' does not exist")
  })

  test.each(['use.mjs', 'use.cjs'])('a program runs: %s', (file) => {
    const { status, stdout, stderr } = run('node', [join(consumer.folder, file)])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(JSON.parse(stdout)).toEqual({
      agent: expect.stringMatching(new RegExp(`^Anthropic/JS ${major}\\.`)),
      said: 'hello',
      calls: 1,
      isClient: true,
      isError: true,
    })
  })
})
