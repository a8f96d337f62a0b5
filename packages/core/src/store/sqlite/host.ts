import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** What tells this process and thread from every other that may ever hold a lease. */
export interface Identity {
  readonly host: string
  readonly machineId: string | null
  /** Null where the system does not tell: then no other process counts as one of the same boot. */
  readonly bootId: string | null
  readonly pidNamespace: string | null
  readonly pid: number
  readonly thread: number | null
  /** When process and thread started, in ticks since boot: a number that was given again has another. */
  readonly started: string | null
}

/** Who we are. Read at each registration: a forked or restored process must not pass for another. */
export function identify(): Identity {
  const thread = ownThread()
  return {
    host: hostname(),
    machineId: readText('/etc/machine-id'),
    bootId: readText('/proc/sys/kernel/random/boot_id'),
    pidNamespace: readLink('/proc/self/ns/pid'),
    pid: process.pid,
    thread,
    started: thread === null ? null : startedAt(process.pid, thread),
  }
}

/** State letter and start time of a process or one of its threads; undefined if the system shows none. */
export function statOf(pid: number, thread?: number): { readonly state: string; readonly started: string } | undefined {
  const text = readText(thread === undefined ? `/proc/${pid}/stat` : `/proc/${pid}/task/${thread}/stat`)
  if (text === null) return undefined
  // The name in parentheses may hold anything, parentheses and spaces included: count from the last one.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return { state: fields[0] ?? '', started: fields[STARTTIME] ?? '' }
}

/** `starttime` is field 22 of stat; the name is field 2 and the state field 3. */
const STARTTIME = 22 - 3

/** Start times of process and thread as one text. */
export function startedAt(pid: number, thread: number): string | null {
  const process = statOf(pid)
  const task = statOf(pid, thread)
  return process === undefined || task === undefined ? null : `${process.started}/${task.started}`
}

function ownThread(): number | null {
  const link = readLink('/proc/thread-self')
  const id = Number(link?.split('/').at(-1))
  return Number.isSafeInteger(id) && id > 0 ? id : null
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim() || null
  } catch {
    return null
  }
}

function readLink(path: string): string | null {
  try {
    return readlinkSync(path)
  } catch {
    return null
  }
}
