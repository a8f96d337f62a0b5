import type { LineKind } from './timeline-line.ts'

const RED = 31
const GREEN = 32
const YELLOW = 33
const CYAN = 36
export const BOLD = 1
export const DIM = 2

interface Sign {
  readonly sign: string
  readonly colour: number
}

/** The sign and colour of each kind of line: the sign alone must tell them apart. */
export const SIGNS: Readonly<Record<LineKind, Sign>> = Object.freeze({
  run: { sign: '●', colour: BOLD },
  call: { sign: '◆', colour: CYAN },
  succeeded: { sign: '✓', colour: GREEN },
  failed: { sign: '✗', colour: RED },
  unknown: { sign: '?', colour: YELLOW },
  again: { sign: '↻', colour: YELLOW },
  served: { sign: '↺', colour: GREEN },
  read: { sign: '○', colour: DIM },
  value: { sign: '·', colour: DIM },
  pending: { sign: '⋯', colour: YELLOW },
  asked: { sign: '⚑', colour: YELLOW },
  undone: { sign: '↩', colour: GREEN },
  irreversible: { sign: '⊘', colour: YELLOW },
  warning: { sign: '!', colour: YELLOW },
})

/** Puts terminal colours around texts, or leaves them alone. */
export type Paint = (code: number, text: string) => string

export function painter(color: boolean): Paint {
  return color ? (code, text) => `\u001B[${code}m${text}\u001B[0m` : (_, text) => text
}
