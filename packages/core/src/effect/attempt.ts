import type { LiveBody } from '../lane/live-body.ts'
import type { RunScope } from '../lane/run-scope.ts'
import type { ToolSpec } from '../tool/tool-spec.ts'
import type { Deadlines } from '../util/deadlines.ts'

/** How one execution of a body ended; `lingers`: it was told to stop, and has not ended within its grace. */
export type Ended =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'error'; readonly error: unknown }
  | { readonly kind: 'lingers'; readonly error: unknown; readonly late: Promise<Ended> }

interface Deadline {
  readonly timeoutMs: number
  readonly graceMs: number
}

/** Why a body's signal is aborted when its time is over. */
export class DeadlineExceeded extends Error {
  override readonly name = 'TimeoutError'
  constructor(timeoutMs: number) {
    super(`The tool's body took longer than its timeoutMs (${timeoutMs} ms); its signal was aborted.`)
  }
}

/** Runs a body to its end, or to the end of the time that its tool has. Never rejects. */
export function runBody(
  { context }: Pick<RunScope, 'context'>,
  { timeoutMs }: Pick<ToolSpec<unknown, unknown>, 'timeoutMs'>,
  body: LiveBody,
  work: () => unknown,
): Ended | Promise<Ended> {
  let started: unknown
  try {
    started = work()
  } catch (error) {
    return { kind: 'error', error }
  }
  if (!isThenable(started)) return { kind: 'value', value: started }
  const ended = Promise.resolve(started).then(
    (value): Ended => ({ kind: 'value', value }),
    (error: unknown): Ended => ({ kind: 'error', error }),
  )
  const { graceMs, deadlines } = context
  return Number.isFinite(timeoutMs) ? withinTime(ended, body, { timeoutMs, graceMs }, deadlines) : ended
}

function withinTime(ended: Promise<Ended>, body: LiveBody, deadline: Deadline, deadlines: Deadlines): Promise<Ended> {
  return new Promise((resolve) => {
    let callOff = deadlines.add(deadline.timeoutMs, () => {
      const error = new DeadlineExceeded(deadline.timeoutMs)
      body.abort(error)
      callOff = deadlines.add(deadline.graceMs, () => resolve({ kind: 'lingers', error, late: ended }))
    })
    ended.then((outcome) => {
      callOff()
      resolve(outcome)
    })
  })
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}
