import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Ledger } from '../ledger.ts'
import type { Run } from '../run/run.ts'

/** What an agent of a test has around it: the ledger, an outside that remembers, and a place to die. */
export class World {
  readonly ledger: Ledger
  /** Which execution of the agent this is: 1 is the one that is killed. */
  readonly life: number
  readonly #folder: string
  readonly #killAt: string | undefined

  constructor(facts: { ledger: Ledger; life: number; folder: string; killAt?: string | undefined }) {
    this.ledger = facts.ledger
    this.life = facts.life
    this.#folder = facts.folder
    this.#killAt = facts.killAt
  }

  /** Something that happened outside, and that no crash undoes. */
  act(what: string): void {
    appendFileSync(join(this.#folder, 'outside.log'), `${this.life}: ${what}\n`)
  }

  /** Dies here, without a chance to clean up, if this is the point that the test named. */
  reach(point: string): void {
    if (this.#killAt === point) process.kill(process.pid, 'SIGKILL')
  }

  /** Asks a model: `answer` is what it says in this life; that it was really asked is an act. */
  ask<T>(run: Run, request: unknown, answer: T | (() => Promise<T>)): Promise<T> {
    return run.call({ provider: 'test', model: 'test-1', request }, async () => {
      this.act('model asked')
      return typeof answer === 'function' ? (answer as () => Promise<T>)() : answer
    })
  }
}

/** What happened outside, in its order: `<life>: <what>`. */
export function actsIn(folder: string): string[] {
  const path = join(folder, 'outside.log')
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : []
}

/** An agent that can be killed and started again. */
export type WorldAgent = (world: World) => Promise<unknown>
