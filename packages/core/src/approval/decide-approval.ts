import { encodeValue } from '../codec/value-codec.ts'
import type { LedgerContext } from '../config/ledger-context.ts'
import { ConfigError } from '../errors/config-error.ts'
import { checkOptionNames } from '../errors/option-names.ts'
import { askedTool } from '../lane/asked-tools.ts'
import type { DecideApproval } from '../store/decision-verbs.ts'
import type { Body, EffectRecord } from '../store/records.ts'
import { validate } from '../tool/standard-schema.ts'
import { TOOL_SPEC } from '../tool/tool.ts'
import { formatEffectKey } from '../util/effect-key-text.ts'
import { sha256 } from '../util/hash.ts'
import { effectToDecide, generationsOf } from './find-approval.ts'

/** Who decides, and why; kept on record. */
export interface DecisionOptions {
  readonly by?: string
  readonly reason?: string
  /** Only the question of this generation (`approval.generation`): false if it was asked anew since. @default the newest */
  readonly generation?: number
}
export interface OverruleOptions extends DecisionOptions {
  /** Also changes a decision that was made, as long as nothing executes. @default false */
  readonly overrule?: boolean
}
export interface ApproveOptions extends OverruleOptions {
  /** What is to be executed instead. What was asked for stays on record beside it. */
  readonly args?: unknown
}

type Decision = DecideApproval['decision']

const DECISION = ['by', 'reason', 'generation']
const OPTIONS: Readonly<Record<Decision, readonly string[]>> = {
  approve: [...DECISION, 'overrule', 'args'],
  deny: [...DECISION, 'overrule'],
  cancel: DECISION,
}

/**
 * Records a human's decision. True if it is the one that counts; false if it was decided otherwise, is over, or nobody
 * was asked. Throws `ConfigError` for a key that is not known, `InvalidArgumentsError` for edited arguments that do not
 * fit the tool: then nothing is decided.
 */
export async function decide(
  context: LedgerContext,
  decision: Decision,
  key: string,
  options: ApproveOptions = {},
): Promise<boolean> {
  checkDecision(decision, options)
  const effect = await effectToDecide(context, key)
  if (effect.generation !== (options.generation ?? effect.generation)) return false
  if (decision === 'approve' && options.generation === undefined) await assertOneMeaning(context, key, effect)
  const args = decision === 'approve' ? await editedArgs(context, effect, options) : null
  const { by = null, reason = null, overrule = false } = options
  const { store, clock, events } = context
  const argsDigest = args !== null && effect.recordLevel === 'hash' ? sha256(args) : null
  const request = { effect: effect.id, decision, by, reason, args, argsDigest, overrule, at: clock.now() }
  const answer = await store.decideApproval(request)
  if (answer.kind !== 'decided') return false
  const { status } = answer.approval
  const { runId, tool, ownerSeq, key: hash, generation } = effect
  const about = { runId, tool, key: formatEffectKey(ownerSeq, hash), generation }
  events.emit('approval-decided', { ...about, status, by, reason })
  return true
}

function checkDecision(decision: Decision, options: ApproveOptions): void {
  checkOptionNames(`approvals.${decision}`, options, OPTIONS[decision])
  for (const name of ['by', 'reason'] as const)
    if (options[name] !== undefined && typeof options[name] !== 'string') refuse(decision, `\`${name}\` is no text`)
  const { overrule, generation } = options
  if (overrule !== undefined && typeof overrule !== 'boolean') refuse(decision, '`overrule` is neither true nor false')
  if (generation !== undefined && !(generation > 0)) refuse(decision, '`generation` is not above 0')
}

/** Whoever says yes by the key alone may have seen an earlier question, about other arguments. */
async function assertOneMeaning(context: LedgerContext, key: string, { id, argsHash }: EffectRecord): Promise<void> {
  // Where the key is over all arguments, there are no others.
  if (argsHash === null) return
  const others = (await generationsOf(context, key)).filter((one) => one.id < id && !one.argsHash?.equals(argsHash))
  for (const { id: effect } of others) {
    const [asked] = await context.store.listApprovals({ effect })
    if (asked === undefined) continue
    const what = 'it was asked about before, with other arguments, so that the key alone does not say what is approved'
    refuse('approve', `${what}. Say which one you have seen: { generation: approval.generation }`)
  }
}

function refuse(decision: Decision, what: string): never {
  throw new ConfigError(`approvals.${decision}: ${what}. Nothing was decided.`)
}

/** As they are stored: as given, because whoever executes them puts them through the schema as a caller's. */
async function editedArgs(
  context: LedgerContext,
  { tool: name }: EffectRecord,
  options: ApproveOptions,
): Promise<Body | null> {
  const { args } = options
  if (args === undefined) return null
  const tool = context.tools.get(name)?.[TOOL_SPEC] ?? askedTool(context.store.identity, name)
  if (tool?.inputSchema !== undefined) await validate(tool.inputSchema, args, name)
  return encodeValue(args, context.maxValueBytes)
}
