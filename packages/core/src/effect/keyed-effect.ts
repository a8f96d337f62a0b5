import { encodeValue } from '../codec/value-codec.ts'
import { ConfigError } from '../errors/config-error.ts'
import { checkOptionNames } from '../errors/option-names.ts'
import type { Lane } from '../lane/lane.ts'
import type { RunScope } from '../lane/run-scope.ts'
import type { EffectOwner } from '../store/effect-verbs.ts'
import { checkWait } from '../tool/check-wait.ts'
import type { PerformOptions } from '../tool/tool.ts'
import type { ToolSpec } from '../tool/tool-spec.ts'
import { worksAround } from '../util/effect-key-text.ts'
import { sha256 } from '../util/hash.ts'
import { checkApprovalOptions } from './approval-options.ts'
import { canonicalJson } from './canonical-json.ts'
import { effectKey, type KeyPart } from './key.ts'

/** An invocation with its key: what says that two invocations are the same effect. */
export interface KeyedEffect {
  readonly owner: EffectOwner
  /** The key, then those of the tool's former names. */
  readonly keys: readonly [Buffer, ...Buffer[]]
  /** Hash of all arguments where the key is not over all of them. */
  readonly argsHash: Buffer | null
  readonly onOtherArgs: 'conflict' | 'mark'
  /** The key does not depend on how a model worded the arguments. */
  readonly callerKeyed: boolean
  /** The canonical text of all arguments, where the key is over it. */
  readonly argsJson: string | undefined
  /** The same, or where it is not, that of the arguments as they are stored. */
  readonly argsText: string
}

/** Throws `NotSerializableError` for arguments that make no key, `ConfigError` for options that contradict. */
export function keyedEffect(
  tool: ToolSpec<unknown, unknown>,
  args: unknown,
  options: PerformOptions | undefined,
  run: Pick<RunScope, 'id' | 'thread'>,
  lane: Lane,
): KeyedEffect {
  const part = keyPart(tool, args, options)
  const owner = ownerOf(tool, run)
  const ownerName = owner.kind === 'run' ? `run:${run.id}` : owner.name
  const base = (name: string) => effectKey({ owner: ownerName, tool: name, part })
  const names: [string, ...string[]] = [tool.name, ...tool.was]
  // Counted under the plain key, so that the n-th call of a resumed run finds the n-th effect.
  const ordinal = tool.repeatable ? ordinalIn(lane, base(tool.name)) : undefined
  const keyOf = (name: string) =>
    ordinal === undefined ? base(name) : effectKey({ owner: ownerName, tool: name, part, ordinal })
  const argsText = part.kind === 'args' ? part.json : storedArgsJson(args)
  return {
    owner,
    keys: names.map(keyOf) as [Buffer, ...Buffer[]],
    argsHash: part.kind === 'args' ? null : sha256(argsText),
    onOtherArgs: part.kind === 'custom' ? 'conflict' : 'mark',
    callerKeyed: part.kind !== 'args',
    argsJson: part.kind === 'args' ? part.json : undefined,
    argsText,
  }
}

/** Works count for themselves: one whose outcome is served is not gone through, and must not move the numbers of others. */
function ordinalIn(lane: Lane, key: Buffer): string {
  return `${lane.nextOrdinal(key.toString('latin1'))}${worksAround(lane.id)}`
}

/** Of all arguments, whatever the key is made of, and the same under every former name and in every generation. */
export function allArgsHash({ argsHash, argsJson }: KeyedEffect): Buffer {
  return argsHash ?? sha256(argsJson ?? '')
}

/** The same of other arguments than those that were keyed. */
export function hashOfArgs({ argsHash }: Pick<KeyedEffect, 'argsHash'>, args: unknown): Buffer {
  return sha256(argsHash === null ? argsJson(args) : storedArgsJson(args))
}

const PERFORM_OPTIONS: readonly (keyof PerformOptions)[] = ['key', 'keys', 'resource', 'approval', 'answer', 'wait']

function keyPart(tool: ToolSpec<unknown, unknown>, args: unknown, options: PerformOptions | undefined): KeyPart {
  if (options !== undefined) {
    checkOptionNames(`tool '${tool.name}': options of a call`, options, PERFORM_OPTIONS)
    checkWait(`tool '${tool.name}': wait of a call`, options.wait)
    checkApprovalOptions(tool, options)
    const given = [options.key, options.keys, options.resource].filter((way) => way !== undefined).length
    if (given > 1)
      throw new ConfigError(
        `tool '${tool.name}': \`key\`, \`keys\` and \`resource\` exclude each other; nothing was started. Give one.`,
      )
    if (options.key !== undefined) return { kind: 'custom', json: canonicalJson(options.key) }
    if (options.resource !== undefined) return { kind: 'resource', json: canonicalJson(options.resource) }
    if (options.keys !== undefined) return { kind: 'keys', json: canonicalJson(picked(tool, args, options.keys)) }
  }
  if (tool.key !== undefined) return { kind: 'custom', json: canonicalJson(tool.key(args)) }
  if (tool.resource !== undefined) return { kind: 'resource', json: canonicalJson(tool.resource(args as never)) }
  if (tool.keys !== undefined) return { kind: 'keys', json: canonicalJson(picked(tool, args, tool.keys)) }
  return { kind: 'args', json: argsJson(args) }
}

/** No arguments are not the same as `null`; no value's canonical text is empty. */
function argsJson(args: unknown): string {
  return args === undefined ? '' : canonicalJson(args)
}

/** Where the caller makes the key, the arguments need only be storable, not fit for a key. */
function storedArgsJson(args: unknown): string {
  return canonicalJson(JSON.parse(encodeValue(args)))
}

function picked(tool: ToolSpec<unknown, unknown>, args: unknown, names: readonly string[]): Record<string, unknown> {
  const picks: Record<string, unknown> = Object.create(null)
  for (const name of names) {
    const value = (args as Record<string, unknown> | null | undefined)?.[name]
    // An absent part would let every call without it share one key.
    if (value === undefined) {
      throw new ConfigError(
        `tool '${tool.name}': the key is made of '${names.join("', '")}', and '${name}' is missing from the arguments. Nothing was started.`,
      )
    }
    picks[name] = value
  }
  return { ...picks }
}

function ownerOf(tool: ToolSpec<unknown, unknown>, run: Pick<RunScope, 'id' | 'thread'>): EffectOwner {
  if (tool.once === 'run') return { kind: 'run' }
  if (tool.once === 'ledger') return { kind: 'scope', name: 'ledger' }
  if (run.thread === undefined) {
    throw new ConfigError(
      `tool '${tool.name}' is once per thread, and run '${run.id}' names none. Nothing was started; open the run with \`thread\`.`,
    )
  }
  return { kind: 'scope', name: `thread:${run.thread}` }
}
