import { join } from 'node:path'
import Database from 'better-sqlite3'
import { AGENT, AgentChild, type Execution } from './agent-child.ts'
import type { AgentOptions } from './agent-options.ts'
import { decideByHand } from './crash-case.ts'
import type { CrashGround } from './crash-ground.ts'
import { type LedgerFile, readLedgerFile } from './ledger-file.ts'
import type { Policy } from './order-tools.ts'
import type { ServiceLine } from './outside-log.ts'

/** An agent that is stopped past its lease, replaced, and let go on. */
export interface ZombieCase {
  readonly caseId: string
  readonly policy: Policy
  /** Where the old process is stopped. */
  readonly stopAt: string
  /** Where the heir is stopped meanwhile, so that the run is still open; absent: it has ended by then. */
  readonly heirStopsAt?: string
  /** The heir is killed where it was stopped. */
  readonly heirDies?: boolean
}

export interface ZombieEnd {
  readonly old: Execution
  readonly heir: Execution
  /** What the old process asked of the service, before and after it was let go on. */
  readonly oldLines: { readonly before: number; readonly after: number }
  /** Kinds of the entries that came while only the old process ran. */
  readonly newEntries: readonly string[]
  readonly ledgerPath: string
}

/** Long enough for the processes to start and to renew it, short enough to wait for. */
const LEASE_MS = 1_000

/** Stops the old process, waits for the heir to take over, and lets the old one go on. */
export async function raiseZombie(zombie: ZombieCase, ground: CrashGround): Promise<ZombieEnd> {
  const { stopAt, heirStopsAt } = zombie
  const old = start(zombie, ground, `${stopAt}:SIGSTOP`)
  // It joins the run, and goes on with it when the lease is over.
  const startHeir = () => start(zombie, ground, heirStopsAt === undefined ? undefined : `${heirStopsAt}:SIGSTOP`)
  try {
    await old.stopped
    return await replaced(zombie, ground, old, startHeir())
  } finally {
    // Whatever failed: a stopped process would stay for ever.
    old.signal('SIGKILL')
  }
}

async function replaced(
  zombie: ZombieCase,
  ground: CrashGround,
  old: AgentChild,
  heir: AgentChild,
): Promise<ZombieEnd> {
  const { caseId, heirStopsAt, heirDies } = zombie
  const ledgerPath = join(ground.directory, `${caseId}.db`)
  try {
    await (heirStopsAt === undefined ? heir.ended : heir.stopped)
    const before = linesOf(ground, caseId, old.pid).length
    const entriesBefore = new Set(allEntries(ledgerPath))
    old.signal('SIGCONT')
    const oldEnd = await old.ended
    const newEntries = allEntries(ledgerPath).filter((entry) => !entriesBefore.has(entry))
    const oldLines = { before, after: linesOf(ground, caseId, old.pid).length }
    heir.signal(heirDies === true ? 'SIGKILL' : 'SIGCONT')
    return { old: oldEnd, heir: await heir.ended, oldLines, newEntries: newEntries.map(kindOf), ledgerPath }
  } finally {
    heir.signal('SIGKILL')
  }
}

/** A human decides what is left open; one more execution, which is to complete the run; and what it left. */
export async function completeAfter(
  { caseId, policy }: ZombieCase,
  ground: CrashGround,
  ledgerPath: string,
): Promise<{ execution: Execution; file: LedgerFile; lines: ServiceLine[] }> {
  await decideByHand(ground.service, caseId, ledgerPath)
  const execution = await start({ caseId, policy, stopAt: '' }, ground, undefined, true).ended
  return { execution, file: await readLedgerFile(ledgerPath), lines: ground.service.linesOf(caseId) }
}

/** What the tool that only commits has written. */
export function shopRows(ledgerPath: string): unknown[] {
  const database = new Database(ledgerPath, { readonly: true })
  try {
    return database.prepare('SELECT what FROM shop_row').all()
  } finally {
    database.close()
  }
}

function start(
  { caseId, policy }: ZombieCase,
  { service, directory }: CrashGround,
  crashAt: string | undefined,
  retry = false,
): AgentChild {
  const options: AgentOptions = {
    ...{ agent: 'stubborn', url: service.url, caseId, ledgerPath: join(directory, `${caseId}.db`) },
    ...{ policy, leaseMs: LEASE_MS, concurrency: 1, retry, join: true },
  }
  return new AgentChild(AGENT, options, crashAt)
}

function linesOf({ service }: CrashGround, caseId: string, pid: number): ServiceLine[] {
  return service.linesOf(caseId).filter((line) => line.pid === pid)
}

/** `stream number kind` of every entry; none is ever changed. */
function allEntries(ledgerPath: string): string[] {
  const database = new Database(ledgerPath, { readonly: true })
  try {
    const entries = database.prepare(`SELECT stream || ' ' || number || ' ' || kind FROM holdfast_entries`)
    return entries.pluck().all() as string[]
  } finally {
    database.close()
  }
}

function kindOf(entry: string): string {
  return entry.slice(entry.lastIndexOf(' ') + 1)
}
