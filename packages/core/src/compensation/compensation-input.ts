import { droppedHash } from '../codec/dropped-value.ts'
import { decodeValue, isPlainText } from '../codec/value-codec.ts'
import { InvalidArgumentsError } from '../errors/invalid-arguments-error.ts'
import { NotSerializableError } from '../errors/not-serializable-error.ts'
import type { RunScope } from '../lane/run-scope.ts'
import type { EffectRecord } from '../store/records.ts'
import { formatEffectKey } from '../util/effect-key-text.ts'
import type { Compensation } from './compensation-tool.ts'
import { executedArgs } from './executed-args.ts'

interface Given {
  readonly args: unknown
  readonly result: unknown
  readonly kept: unknown
}

/** Throws `ConfigError` for what a codec wrote that this ledger was not given: known before anything is claimed. */
export function assertReadable({ args, result, token }: EffectRecord): void {
  for (const body of [args, result, token]) {
    const mayFail = body !== null && !isPlainText(body) && droppedHash(body) === undefined
    if (mayFail) decodeValue(body)
  }
}

type Input = { readonly given: Given } | { readonly error: unknown }

/** What the compensation is called with; why it cannot be, if the result is gone or edited arguments fit no more. */
export async function inputOf(run: RunScope, effect: EffectRecord, { forward }: Compensation): Promise<Input> {
  const { resultKept, result, token } = effect
  if (!resultKept && token === null) return { error: notKept(effect) }
  try {
    const args = await executedArgs(run, forward, effect)
    const given = resultKept && result !== null ? decodeValue(result) : undefined
    return { given: { args, result: given, kept: token === null ? undefined : decodeValue(token) } }
  } catch (error) {
    if (!InvalidArgumentsError.isInstance(error)) throw error
    return { error }
  }
}

function notKept({ tool, ownerSeq, key }: EffectRecord): NotSerializableError {
  return new NotSerializableError({
    path: '',
    reason: 'the result could not be stored when the effect succeeded',
    message: `"${tool}" (${formatEffectKey(ownerSeq, key)}) cannot be compensated: its result could not be stored. Nothing was called. Undo it outside, or give the tool \`keep\`.`,
  })
}
