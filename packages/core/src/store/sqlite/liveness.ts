import { type Identity, startedAt, statOf } from './host.ts'

/**
 * Whether the process and thread that registered as `owner` are certainly gone. False when it lives, and also when
 * nobody can know from here (another host, another container, no right to ask): then only time decides.
 */
export function isProvablyDead(owner: Identity, self: Identity): boolean {
  if (owner.host !== self.host) return false
  if (owner.bootId !== self.bootId) return wasRebooted(owner, self)
  if (owner.pidNamespace !== self.pidNamespace) return false
  if (!processExists(owner.pid)) return true
  if (owner.bootId === null || owner.thread === null || owner.started === null) return false
  return isGone(owner.pid, owner.thread, owner.started)
}

/** Another boot id of the very same machine; two hosts may share a name, and a restored image its machine id. */
function wasRebooted(owner: Identity, self: Identity): boolean {
  const areKnown = owner.bootId !== null && self.bootId !== null && owner.machineId !== null
  return areKnown && owner.machineId === self.machineId
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as { code?: unknown }).code !== 'ESRCH'
  }
}

function isGone(pid: number, thread: number, started: string): boolean {
  const stat = statOf(pid)
  // Unreadable (hidden by the system's settings): no proof either way.
  if (stat === undefined) return false
  if (ENDED.has(stat.state)) return true
  return startedAt(pid, thread) !== started
}

/** Zombie and dead: it will never run again. */
const ENDED: ReadonlySet<string> = new Set(['Z', 'X', 'x'])
