import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ApproveOptions } from 'holdfast'
import { onTestFinished } from 'vitest'

/** Lets the variable HOLDFAST_CRASH_AT name the crash point at which a process ends itself. */
const PRELOAD = new URL('../../crash/support/preload.ts', import.meta.url).href

/** What a decider is told to decide. */
export interface Order {
  readonly decision: 'approve' | 'deny' | 'cancel' | 'cancel-run'
  /** Of the question, or the id of the run. */
  readonly key: string
  readonly options?: ApproveOptions
}

/** A program of this folder in a process of its own; with `crashAt` it ends itself at that crash point. */
export function startChild(file: string, args: readonly string[], crashAt?: string): ChildProcess {
  const { HOLDFAST_CRASH_AT: _, ...rest } = process.env
  // Most of a short process is compiling: share that between them all.
  const environment = { ...rest, NODE_COMPILE_CACHE: join(tmpdir(), 'holdfast-crash-compile-cache') }
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), args, {
    execArgv: ['--conditions=@holdfast/source', '--import', PRELOAD],
    env: crashAt === undefined ? environment : { ...environment, HOLDFAST_CRASH_AT: crashAt },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

/** The next thing that a child says; rejects if it ends without a word. */
export async function heard(child: ChildProcess): Promise<unknown> {
  const over = new AbortController()
  const { signal } = over
  const gone = once(child, 'exit', { signal }).then(([code, by]) => {
    throw new Error(`The process ended with ${by ?? code} and said nothing.`)
  })
  try {
    const [said] = await Promise.race([once(child, 'message', { signal }), gone])
    return said
  } finally {
    gone.catch(() => undefined)
    over.abort()
  }
}

/** Runs a program that is to be killed at its crash point, and sees that it was. */
export async function killedAt(crashAt: string, file: string, ...args: readonly string[]): Promise<void> {
  const [code, signal] = await once(startChild(file, args, crashAt), 'exit')
  if (signal !== 'SIGKILL') throw new Error(`${file} was not killed at ${crashAt}: it ended with ${code}.`)
}

/** Somebody in another process who decides. */
export class Decider {
  readonly exited: Promise<unknown[]>
  readonly #child: ChildProcess

  private constructor(child: ChildProcess) {
    this.#child = child
    this.exited = once(child, 'exit')
  }

  /** Resolves when it has the file open and waits for orders. */
  static async start(folder: string, crashAt?: string): Promise<Decider> {
    const child = startChild('./decider.ts', [folder], crashAt)
    await heard(child)
    return new Decider(child)
  }

  /** What the ledger told that process: whether its decision is the one that counts. */
  async decide(order: Order): Promise<boolean> {
    const answer = heard(this.#child)
    this.#child.send(order)
    return (await answer) as boolean
  }

  /** Gives an order that it does not survive. */
  async diesOf(order: Order): Promise<void> {
    this.#child.send(order)
    const [code, signal] = await this.exited
    if (signal !== 'SIGKILL') throw new Error(`It was not killed: it ended with ${code}.`)
  }
}
