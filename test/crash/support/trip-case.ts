import { join } from 'node:path'
import { createLedger, type Ledger, sqlite } from 'holdfast'
import { AgentChild, type Execution } from './agent-child.ts'
import { decidePending } from './decide-pending.ts'
import type { Policy } from './order-tools.ts'
import { Outside } from './outside.ts'
import type { ServiceProcess } from './service-process.ts'
import { stepsOf, type Trip } from './trip.ts'
import type { TripOptions, TripReport, TripRole } from './trip-options.ts'
import { tripTools } from './trip-tools.ts'

/** A trip whose processes are killed, whatever they are there for. */
export interface TripCase {
  readonly service: ServiceProcess
  readonly directory: string
  /** Also the run's id: equal ids would make equal downstream keys. */
  readonly caseId: string
  readonly policy: Policy
  readonly trip: Trip
  /** For each process of a role in turn, where it is killed: `point:occurrence`, or empty. */
  readonly crashes: Partial<Readonly<Record<TripRole, readonly string[]>>>
  /** Who comes after a process that was killed, all at once. */
  readonly heirs: readonly ('agent' | 'recover')[]
  /** Who recovers has the agent too. */
  readonly resumes: boolean
  /** @default 60_000 */
  readonly leaseMs?: number
}

export interface TripExecution extends Execution<TripReport> {
  readonly role: TripRole
}

/** More rounds than any case needs: a case that goes on for ever is an error. */
const MOST_ROUNDS = 20
const PROGRAM = new URL('./trip-process.ts', import.meta.url)
const LEASE_MS = 60_000

/** One trip, from its first process to its end. */
export class TripRunner implements AsyncDisposable {
  readonly ledger: Ledger
  readonly ledgerPath: string
  readonly executions: TripExecution[] = []
  readonly #case: TripCase
  readonly #leaseMs: number
  readonly #outside: Outside
  /** Somebody decides while the agent waits in place. */
  readonly #isDecidedBeside: boolean
  readonly #started: Record<TripRole, number> = { agent: 0, recover: 0, decide: 0 }
  #lastRound: readonly TripExecution[] = []

  constructor(tripCase: TripCase) {
    const { directory, caseId, service, policy, trip, leaseMs = LEASE_MS } = tripCase
    this.#case = tripCase
    this.#leaseMs = leaseMs
    this.ledgerPath = join(directory, `${caseId}.db`)
    this.#outside = new Outside({ url: service.url, caseId, ledgerPath: this.ledgerPath })
    const tools = tripTools(trip, this.#outside, policy, leaseMs).all
    this.ledger = createLedger({ store: sqlite(this.ledgerPath), leaseMs, tools })
    this.#isDecidedBeside = stepsOf(trip).some(({ approval }) => approval === 'blocks')
  }

  /** Goes on until the run is over and nobody undoes anything any more, and a human only decides what is asked. */
  async toTheEnd(): Promise<void> {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const roles = await this.#next()
      if (roles === undefined) return
      await this.#together(roles)
    }
    throw new Error(`it did not end: ${JSON.stringify(this.executions, undefined, 2)}`)
  }

  /** Undefined if everything is over. */
  async #next(): Promise<readonly TripRole[] | undefined> {
    const { caseId, heirs } = this.#case
    if (this.#lastRound.some(({ role, killed }) => killed && role !== 'decide')) return heirs
    const run = await this.ledger.runs.get(caseId)
    if (run !== undefined && run.endedAt !== null) return undefined
    if (run?.status === 'waiting' && (await this.#isAsked())) return ['decide']
    return ['agent']
  }

  async #isAsked(): Promise<boolean> {
    for await (const _ of this.ledger.approvals.pending()) return true
    return false
  }

  async #together(roles: readonly TripRole[]): Promise<void> {
    const all = Promise.all(roles.map((role) => this.#execute(role)))
    if (this.#isDecidedBeside && !roles.includes('decide')) await this.#decideUntil(all)
    this.#lastRound = await all
    this.executions.push(...this.#lastRound)
  }

  /** One process more, beside or after those that `toTheEnd` starts. */
  start(role: TripRole, crashAt?: string): AgentChild<TripReport> {
    const { service, caseId, policy, trip, resumes } = this.#case
    const options: TripOptions = {
      ...{ role, url: service.url, caseId, ledgerPath: this.ledgerPath },
      ...{ policy, leaseMs: this.#leaseMs, trip, resumes },
    }
    return new AgentChild(PROGRAM, options, crashAt)
  }

  async #execute(role: TripRole): Promise<TripExecution> {
    return { role, ...(await this.start(role, this.#crashOf(role)).ended) }
  }

  #crashOf(role: TripRole): string | undefined {
    return this.#case.crashes[role]?.[this.#started[role]++] || undefined
  }

  /** Looks for questions as long as the others are at work, as a human with an inbox. */
  async #decideUntil(others: Promise<unknown>): Promise<void> {
    let isOver = false
    const over = others.finally(() => {
      isOver = true
    })
    while (!isOver) {
      await decidePending(this.ledger, this.#case.trip, this.#outside)
      await Promise.race([over, new Promise((resolve) => setTimeout(resolve, 10))])
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.ledger.close()
  }
}
