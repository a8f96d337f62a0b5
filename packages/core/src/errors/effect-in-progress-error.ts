import { HoldfastError } from './holdfast-error.ts'

/** Somebody else is running this very effect. */
export class EffectInProgressError extends HoldfastError {
  static override readonly code = 'effect-in-progress'
  declare readonly code: 'effect-in-progress'
  readonly tool: string
  readonly key: string
  /** Until when the other owner holds it, in epoch milliseconds; it may renew. */
  declare readonly leaseUntil?: number

  constructor(facts: { tool: string; key: string; leaseUntil?: number; cycle?: boolean }) {
    super(facts.cycle ? cycleMessage(facts.tool) : busyMessage(facts.tool), { status: 409 })
    this.tool = facts.tool
    this.key = facts.key
    if (facts.leaseUntil !== undefined) this.leaseUntil = facts.leaseUntil
  }
}

function busyMessage(tool: string): string {
  return `"${tool}" with these arguments is being run by somebody else. It was not run a second time. Ask again later, or allow a longer wait.`
}

function cycleMessage(tool: string): string {
  return `"${tool}" with these arguments is already under way, and waits for the one that asks for it here: waiting would never end. It was not run. Do not call a tool with its own arguments from within it.`
}
