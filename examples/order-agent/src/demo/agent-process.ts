import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { type AgentConfig, agentEnvironment } from '../config.ts'

const WORKER = fileURLToPath(new URL('../worker.ts', import.meta.url))

/** How an agent process ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly output: string
  readonly errors: string
}

/** An order agent at work in a process of its own. */
export class AgentProcess {
  readonly pid: number
  readonly ended: Promise<Ended>
  readonly #child: ChildProcess

  constructor(config: AgentConfig, orderId: string) {
    // The flags of this process too, so that the tests can run all of it from the sources.
    const child = spawn(process.execPath, [...process.execArgv, WORKER, orderId], {
      env: agentEnvironment(config),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    this.pid = child.pid ?? 0
    this.ended = ended(once(child, 'close'), text(child.stdout), text(child.stderr))
  }

  /** The agent's last words. Throws if it did not get that far. */
  async answer(): Promise<string> {
    const { code, signal, output, errors } = await this.ended
    if (code !== 0) throw new Error(`The agent ended with ${signal ?? `code ${code}`}.\n${errors}`)
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
