import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { LedgerOptions } from '../config/ledger-options.ts'
import { createLedger, type Ledger } from '../ledger.ts'
import { sqlite } from '../store/sqlite/sqlite.ts'
import { actsIn, World, type WorldAgent } from './world.ts'

const CHILD = fileURLToPath(new URL('./first-life.ts', import.meta.url))

/** A folder that is gone when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A ledger in a file of its own, closed when the test is over. */
export function temporaryLedger(options: LedgerOptions = {}, folder: string = temporaryFolder()): Ledger {
  const ledger = createLedger({ store: sqlite(join(folder, 'ledger.db')), ...options })
  onTestFinished(() => ledger.close())
  return ledger
}

/** One agent and its lives: a process that is killed, and whoever goes on with its run. */
export class Story {
  readonly folder: string = temporaryFolder()
  readonly #module: string
  readonly #agent: WorldAgent
  #life = 1

  /** `module`: the file that exports `agent` under its own name. */
  constructor(module: URL, agent: WorldAgent) {
    this.#module = module.href
    this.#agent = agent
  }

  /** What happened outside so far. */
  get acts(): string[] {
    return actsIn(this.folder)
  }

  /** What happened outside in the newest life. */
  get newActs(): string[] {
    const mark = `${this.#life}: `
    return this.acts.filter((act) => act.startsWith(mark)).map((act) => act.slice(mark.length))
  }

  /** The first life, in a process of its own that dies at `point`. */
  async killedAt(point: string): Promise<void> {
    const child = spawn(process.execPath, [CHILD, this.#module, this.#agent.name, this.folder, point])
    const errors: Buffer[] = []
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
    const signal = await new Promise((resolve) => child.once('close', (_, by) => resolve(by)))
    if (signal !== 'SIGKILL') throw new Error(Buffer.concat(errors).toString() || `It was not killed at ${point}.`)
  }

  /** The next life, in this process. */
  resumed(options: LedgerOptions = {}): Promise<unknown> {
    this.#life++
    const ledger = temporaryLedger(options, this.folder)
    return this.#agent(new World({ ledger, life: this.#life, folder: this.folder }))
  }

  /** A ledger on the story's records. */
  ledger(): Ledger {
    return temporaryLedger({}, this.folder)
  }
}
