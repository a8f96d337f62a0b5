import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { type AgentConfig, agentEnvironment } from '../config.ts'

/** The programs of the shop. */
export type Program = 'worker' | 'approve' | 'recover' | 'drafts'

/** How a process ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly output: string
  readonly errors: string
}

/** Its words can be read, and it can tell things while it is at work. */
type Child = ChildProcessByStdio<null, Readable, Readable>

/** A program of the shop at work in a process of its own. */
export class ShopProcess {
  readonly pid: number
  readonly ended: Promise<Ended>
  readonly #program: Program
  readonly #child: Child

  constructor(config: AgentConfig, program: Program, ...args: readonly string[]) {
    const file = fileURLToPath(new URL(`../${program}.ts`, import.meta.url))
    // The flags of this process too, so that the tests can run all of it from the sources.
    const child = spawn(process.execPath, [...process.execArgv, file, ...args], {
      env: agentEnvironment(config),
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    }) as Child
    this.#program = program
    this.#child = child
    this.pid = child.pid ?? 0
    this.ended = ended(once(child, 'close'), text(child.stdout), text(child.stderr))
  }

  /** Hears what it tells while it is at work. */
  hear(listener: (message: unknown) => void): this {
    this.#child.on('message', listener)
    return this
  }

  /** What it said. Throws if it did not end well. */
  async answer(): Promise<string> {
    const { code, signal, output, errors } = await this.ended
    if (code !== 0) throw new Error(`The ${this.#program} ended with ${signal ?? `code ${code}`}.\n${errors}`)
    return output.trim()
  }

  /** No goodbye: the process is gone within whatever instruction it was at. */
  kill(): void {
    this.#child.kill('SIGKILL')
  }
}

async function ended(closed: Promise<unknown[]>, output: Promise<string>, errors: Promise<string>): Promise<Ended> {
  const [code, signal] = (await closed) as [number | null, NodeJS.Signals | null]
  return { code, signal, output: await output, errors: await errors }
}
