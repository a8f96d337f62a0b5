import { ConfigError } from '../errors/config-error.ts'

const DROPPED = /^\{"\$hf":"hash","value":"([0-9a-f]*)"\}$/

/** The hash that a stored value was replaced by when its run was over (`record: 'hash'`); undefined if it is still there. */
export function droppedHash(body: string): string | undefined {
  return DROPPED.exec(body)?.[1]
}

/** What stands for a dropped value, as `droppedHash` reads it. */
export function droppedValue(hash: string): string {
  return JSON.stringify({ $hf: 'hash', value: hash })
}

/** Why a value that was dropped cannot be used. */
export function wasDropped(): ConfigError {
  return new ConfigError(
    "A stored value was dropped when its run was over, because its tool has record: 'hash'; only its hash is left. Nothing was done in its place. Use record: 'redacted' for what is needed again: it is hidden, and kept.",
  )
}
