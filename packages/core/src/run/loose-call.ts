import type { CallHow } from '../call/call-how.ts'
import type { CallContext, CallRequest } from '../call/call-request.ts'
import type { LedgerContext } from '../config/ledger-context.ts'
import { callInRun } from './call-in-run.ts'
import { type Enclosing, enclosing } from './enclosing.ts'
import { endCompleted, endFailed, endQuietly } from './ending.ts'
import { currentFrame } from './frame.ts'
import { openRun } from './open-run.ts'
import type { RunCore } from './run-core.ts'

type Send<T> = (call: CallContext) => Promise<T>

/** Makes a model call in the run that the async context is in; outside of any, as a small run of its own. */
export function callAnywhere<T>(
  context: LedgerContext,
  request: CallRequest<T>,
  send: Send<T>,
  how: CallHow<T> = {},
): Promise<T> {
  const place = enclosing(context, undefined)
  return place === undefined ? looseCall(context, request, send, how) : enclosedCall(place, request, send, how)
}

function enclosedCall<T>(
  { core, lane, body }: Enclosing,
  request: CallRequest<T>,
  send: Send<T>,
  how: CallHow<T>,
): Promise<T> {
  const frame = currentFrame()
  const final = frame?.run === core.run && frame.final?.isOpen === true
  return callInRun({ run: core, lane, parent: body, final }, request, send, how)
}

/** Under a random id, so that nothing is served or resumed, and a refusal stops nothing but itself. */
async function looseCall<T>(
  context: LedgerContext,
  request: CallRequest<T>,
  send: Send<T>,
  how: CallHow<T>,
): Promise<T> {
  const opened = await openRun(context, { name: 'call', parent: null, onError: 'keep' }, undefined, 'loose')
  const { core } = opened as { core: RunCore }
  const response = await callInRun({ run: core, lane: core.root, parent: null }, request, send, how).catch(
    async (error: unknown) => {
      await endQuietly(endFailed(core, error, 'keep'))
      throw error
    },
  )
  // Paid for, so that it is given to its caller whatever becomes of the record.
  await endQuietly(endCompleted(core, undefined)).catch(() => undefined)
  return response
}
