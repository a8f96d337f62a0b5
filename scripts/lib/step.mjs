import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** Prints one line of our own, told apart from the output of the tools. */
export function say(line) {
  process.stdout.write(`> ${line}\n`)
}

/** Runs a command in the repository with its output shown, and answers with its exit code. */
export function show(command, args, env = {}) {
  return run(command, args, env, 'inherit')
}

/** Runs a command and keeps its output to itself, unless it fails: then all of it is shown. */
export async function quietly(command, args, env = {}) {
  const output = []
  const code = await run(command, args, env, ['ignore', 'pipe', 'pipe'], (chunk) => output.push(chunk))
  if (code === 0) return 0
  process.stderr.write(Buffer.concat(output))
  say(`failed with exit code ${code}: ${[command, ...args].join(' ')}`)
  return code
}

function run(command, args, env, stdio, onOutput) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, env: environment(env), stdio, shell: process.platform === 'win32' })
    child.stdout?.on('data', onOutput)
    child.stderr?.on('data', onOutput)
    child.on('error', (error) => {
      process.stderr.write(`${error.message}\n`)
      resolve(127)
    })
    child.on('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal]))
  })
}

function environment(extra) {
  // The folder of our own Node comes first, whichever Node started us.
  const path = [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter)
  return { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', ...extra, PATH: path }
}
