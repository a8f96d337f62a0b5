import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { ConfigError } from '../errors/config-error.ts'
import { temporaryFolder } from '../testing/story.ts'
import { interruptSignal } from './interrupt-signal.ts'

test.each(['SIGINT', 'SIGTERM'] as const)('%s stops a saga in the middle and undoes it', async (name) => {
  const log = join(temporaryFolder(), 'log')
  const child = program('interrupted-saga.ts', log)
  await said(child, 'shipping')
  child.kill(name)
  expect(await ended(child)).toEqual({ code: 0, signal: null })
  expect(readFileSync(log, 'utf8').trim().split('\n')).toEqual([
    'pay',
    'told to stop',
    'undo ship',
    'undo pay',
    `ended by AbortError: The process was told to stop by ${name}.`,
  ])
})

test('the second signal ends the process as if nobody had listened', async () => {
  const child = program('deaf-program.ts', '0')
  await said(child, 'started')
  child.kill('SIGINT')
  await said(child, 'aborted')
  child.kill('SIGINT')
  expect(await ended(child)).toEqual({ code: null, signal: 'SIGINT' })
})

test('what is sent twice at once is one signal', async () => {
  const child = program('deaf-program.ts', '600000')
  await said(child, 'started')
  child.kill('SIGINT')
  await said(child, 'aborted')
  child.kill('SIGINT')
  // It would be the second of its kind; another one that nobody listens to ends the process.
  child.kill('SIGUSR2')
  expect(await ended(child)).toEqual({ code: null, signal: 'SIGUSR2' })
})

test('it listens to nothing any more once it is disposed of', () => {
  const before = process.listenerCount('SIGTERM')
  const interrupt = interruptSignal({ signals: ['SIGTERM'] })
  expect(process.listenerCount('SIGTERM')).toBe(before + 1)
  interrupt[Symbol.dispose]()
  expect(process.listenerCount('SIGTERM')).toBe(before)
  expect(interrupt.signal.aborted).toBe(false)
})

test.each([
  [{ signals: [] }, 'empty'],
  [{ signals: ['SIGNONE'] }, "'SIGNONE' is no signal"],
  [{ signals: ['SIGKILL'] }, "cannot listen to 'SIGKILL'"],
  [{ repeatMs: -1 }, 'repeatMs'],
  [{ signal: 'SIGINT' }, "no option 'signal'"],
] as const)('%j is refused', (options, message) => {
  const before = process.listenerCount('SIGINT')
  expect(() => interruptSignal(options as never)).toThrow(ConfigError)
  expect(() => interruptSignal(options as never)).toThrow(message)
  expect(process.listenerCount('SIGINT')).toBe(before)
})

function program(file: string, ...args: string[]): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, [fileURLToPath(new URL(`./testing/${file}`, import.meta.url)), ...args])
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

/** Resolves when the program has said this; rejects with what it complained of if it ends before. */
async function said(child: ChildProcessWithoutNullStreams, line: string): Promise<void> {
  const complaints: string[] = []
  child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk.toString()))
  const heard = new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => chunk.toString().includes(line) && resolve())
    child.once('close', () => reject(new Error(`it ended without saying '${line}': ${complaints.join('')}`)))
  })
  await heard
}

async function ended(child: ChildProcessWithoutNullStreams): Promise<{ code: number | null; signal: string | null }> {
  const [code, signal] = child.exitCode === null && child.signalCode === null ? await once(child, 'close') : []
  return { code: code ?? child.exitCode, signal: signal ?? child.signalCode }
}
