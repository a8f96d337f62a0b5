import { decodeValue, encodeValue } from '../codec/value-codec.ts'
import { NotAppliedError } from '../errors/not-applied-error.ts'
import { serializeError } from '../errors/serialize.ts'
import type { LiveBody } from '../lane/live-body.ts'
import type { Claimed } from '../store/effect-verbs.ts'
import type { Body } from '../store/records.ts'
import { validate } from '../tool/standard-schema.ts'
import { mayBeAsked } from './approval-question.ts'
import { certaintyOf } from './certainty.ts'
import type { Invocation } from './invocation.ts'
import { allArgsHash, hashOfArgs } from './keyed-effect.ts'

/**
 * The call as it may be executed: with the arguments that an approval put in the place of the caller's, else with those
 * that were asked about. Throws `InvalidArgumentsError` for edited ones that do not fit, `NotAppliedError` for
 * arguments that somebody changed since, and for whatever else is in the way: no body has begun.
 */
export async function asApproved(invocation: Invocation, body: LiveBody, claim: Claimed): Promise<Invocation> {
  try {
    return await approvedCall(invocation, body, claim)
  } catch (error) {
    throw certaintyOf(error) === 'not_applied' ? error : neverBegan(invocation, error)
  }
}

async function approvedCall(invocation: Invocation, body: LiveBody, claim: Claimed): Promise<Invocation> {
  if (claim.args === null) return mayBeAsked(invocation) ? asRecorded(invocation, body) : invocation
  const edited = await asEdited(invocation, claim.args)
  body.claimedArgs = encodeValue(edited.args, invocation.run.context.maxValueBytes)
  return edited
}

function neverBegan({ tool }: Invocation, cause: unknown): NotAppliedError {
  const { message } = serializeError(cause)
  return new NotAppliedError(`'${tool.name}' was not run, because its arguments could not be made ready: ${message}`, {
    cause,
  })
}

/** The call as an attempt was executed of which nobody knows what it came to. */
export async function asExecuted(
  invocation: Invocation,
  body: LiveBody,
  effect: Pick<Claimed, 'id' | 'args'>,
): Promise<Invocation> {
  const { args } = effect
  if (args === null || args === body.claimedArgs) return invocation
  const [approval] = await invocation.run.context.store.listApprovals({ effect: effect.id })
  return approval == null || !approval.edited ? invocation : asEdited(invocation, args)
}

/** A human edited what a caller would give, so it goes through the schema as that does. */
async function asEdited(invocation: Invocation, edited: Body): Promise<Invocation> {
  const { tool } = invocation
  const given = decodeValue(edited)
  const args = tool.inputSchema === undefined ? given : await validate(tool.inputSchema, given, tool.name)
  return { ...invocation, args }
}

/** The call with what is on record of its arguments, out of reach of whoever holds what the caller gave. */
export function asRecorded(invocation: Invocation, { claimedArgs }: LiveBody): Invocation {
  assertUnchanged(invocation)
  return claimedArgs === undefined ? invocation : { ...invocation, args: decodeValue(claimedArgs) }
}

/** A caller still holds the object that it gave, and may have changed it while somebody was thinking about it. */
function assertUnchanged({ tool, keyed, args }: Invocation): void {
  if (allArgsHash(keyed).equals(hashOfArgs(keyed, args))) return
  throw new NotAppliedError(
    `The arguments of '${tool.name}' were changed after it was called. It was not run, because nobody was asked about what they are now. Give it arguments that nothing else changes.`,
  )
}
