import { type ChildProcess, spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { AgentReport } from './agent-options.ts'

/** How an execution ended: `report` is undefined if it was killed. */
export interface Execution<Report = AgentReport> {
  readonly crashAt: string | undefined
  readonly killed: boolean
  readonly report: Report | undefined
  /** What the steps of the stubborn agent came to. */
  readonly steps: Readonly<Record<string, string>>
  readonly errors: string
}

/** The program of the order agents. */
export const AGENT: URL = new URL('./agent-process.ts', import.meta.url)
const PRELOAD = new URL('./preload.ts', import.meta.url).href

/** One execution of a program, in a process of its own: it is told where to end, and reports how it came out. */
export class AgentChild<Report = AgentReport> {
  readonly pid: number
  /** Resolves when the process has stopped itself at its planned point; rejects if it ends without. */
  readonly stopped: Promise<void>
  readonly ended: Promise<Execution<Report>>
  readonly #process: ChildProcess
  readonly #steps: Record<string, string> = {}
  #report: Report | undefined
  #errors = ''

  constructor(program: URL, options: object, crashAt?: string) {
    this.#process = spawn(
      process.execPath,
      ['--conditions=@holdfast/source', '--import', PRELOAD, fileURLToPath(program), JSON.stringify(options)],
      // The channel tells the child that nobody waits for it any more.
      { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], env: environment(crashAt) },
    )
    this.pid = this.#process.pid ?? 0
    this.#process.stderr?.on('data', (data) => {
      this.#errors += String(data)
    })
    const { stopped, ended } = this.#listen(crashAt)
    this.stopped = stopped
    this.ended = ended
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal)
  }

  #listen(crashAt: string | undefined): { stopped: Promise<void>; ended: Promise<Execution<Report>> } {
    let onStopped: () => void = () => undefined
    const stopped = new Promise<void>((resolve) => {
      onStopped = resolve
    })
    const lines = createInterface({ input: this.#process.stdout as NodeJS.ReadableStream })
    lines.on('line', (line) => {
      const said = JSON.parse(line) as { stopped?: string; report?: Report; step?: string; came?: string }
      if (said.stopped !== undefined) onStopped()
      if (said.step !== undefined) this.#steps[said.step] = said.came ?? ''
      this.#report = said.report ?? this.#report
    })
    const ended = new Promise<Execution<Report>>((resolve) => {
      this.#process.on('close', (_code, signal) =>
        resolve({
          crashAt,
          killed: signal === 'SIGKILL',
          report: this.#report,
          steps: this.#steps,
          errors: this.#errors,
        }),
      )
    })
    const tooEarly = ended.then((execution) => {
      throw new Error(`the process ended before it stopped: ${JSON.stringify(execution)}`)
    })
    const stoppedInTime = Promise.race([stopped, tooEarly])
    // Most children are not meant to stop, and nobody looks.
    stoppedInTime.catch(() => undefined)
    return { stopped: stoppedInTime, ended }
  }
}

function environment(crashAt: string | undefined): NodeJS.ProcessEnv {
  const { HOLDFAST_CRASH_AT: _, NODE_OPTIONS: __, ...rest } = process.env
  // Most of a short process is compiling: share that between them all.
  const shared = { ...rest, NODE_COMPILE_CACHE: join(tmpdir(), 'holdfast-crash-compile-cache') }
  return crashAt === undefined ? shared : { ...shared, HOLDFAST_CRASH_AT: crashAt }
}
