import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { SpendingJob, SpendingWord, Spent } from './spending-job.ts'

const PROGRAM = fileURLToPath(new URL('./spender.ts', import.meta.url))
const execArgv = ['--conditions=@holdfast/source']

/** One process that spends, and that may be killed. */
export class Spender {
  readonly worker: number
  readonly #process: ChildProcess
  readonly #ready: Promise<unknown>
  readonly #exit: Promise<unknown>
  #spent: Spent | undefined
  #killed = false

  constructor(job: SpendingJob, onRefused: () => void) {
    this.worker = job.worker
    this.#process = fork(PROGRAM, [JSON.stringify(job)], { execArgv })
    this.#exit = once(this.#process, 'exit')
    this.#ready = new Promise((resolve) => {
      this.#process.on('message', (word: SpendingWord) => {
        if (word.kind === 'ready') resolve(undefined)
        if (word.kind === 'refused') onRefused()
        if (word.kind === 'spent') this.#spent = word
      })
    })
  }

  async ready(): Promise<void> {
    await Promise.race([this.#ready, this.#exit])
  }

  go(): void {
    this.#process.send('go')
  }

  kill(): void {
    this.#killed = true
    this.#process.kill('SIGKILL')
  }

  /** What it came to; undefined if it was killed before it could say. */
  async over(): Promise<Spent | undefined> {
    const [code] = (await this.#exit) as [number | null]
    if (this.#spent === undefined && !this.#killed) throw new Error(`spender ${this.worker} ended with code ${code}`)
    return this.#spent
  }
}

/** Starts them together: none spends before all are ready. */
export async function startTogether(
  jobs: readonly SpendingJob[],
  onRefused: () => void = () => {},
): Promise<readonly Spender[]> {
  const spenders = jobs.map((job) => new Spender(job, onRefused))
  await Promise.all(spenders.map((spender) => spender.ready()))
  for (const spender of spenders) spender.go()
  return spenders
}
