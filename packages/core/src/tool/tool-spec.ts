import type { StandardSchemaV1 } from '@standard-schema/spec'
import { ConfigError } from '../errors/config-error.ts'
import { RECORD_LEVELS, type RecordLevel } from '../store/records.ts'
import type { Backoff } from '../util/backoff.ts'
import { type ApprovalPolicy, approvalPolicy } from './approval-policy.ts'
import { checkDecisions } from './check-decisions.ts'
import type { CompensationContext, EffectContext, ToolPolicy, Transaction, WaitOptions } from './tool-definition.ts'
import { checkToolMembers } from './tool-members.ts'

type ToolDefaults = Readonly<
  Pick<
    ToolSpec<unknown, unknown>,
    | 'effect'
    | 'once'
    | 'repeatable'
    | 'downstreamKeyTtlMs'
    | 'attempts'
    | 'backoff'
    | 'timeoutMs'
    | 'leaseMs'
    | 'onOutage'
    | 'record'
    | 'retryScope'
  >
> & { readonly onUnknown: 'halt' }

/** The one place where a tool's defaults live. */
export const TOOL_DEFAULTS: ToolDefaults = Object.freeze({
  effect: 'write',
  once: 'run',
  repeatable: false,
  onUnknown: 'halt',
  downstreamKeyTtlMs: 23 * 3_600_000,
  attempts: 1,
  backoff: Object.freeze({ initialMs: 200, maxMs: 10_000, factor: 2, jitter: 0.3 }),
  timeoutMs: 600_000,
  leaseMs: 60_000,
  onOutage: 'block',
  record: 'full',
  retryScope: 'run',
})

/** A tool as the ledger uses it: checked, with its defaults filled in. */
export interface ToolSpec<Args, Result> {
  readonly name: string
  readonly description: string | undefined
  readonly parameters: Readonly<Record<string, unknown>> | undefined
  readonly inputSchema: StandardSchemaV1 | undefined
  /** Absent: the effect is nothing but its commit. */
  readonly execute: ((args: Args, context: EffectContext) => Result | Promise<Result>) | undefined
  // biome-ignore lint/suspicious/noExplicitAny: a tool whose body only throws has no result that could be given
  readonly commit: ((transaction: Transaction, result: any, args: any) => void) | undefined
  // biome-ignore lint/suspicious/noExplicitAny: the same
  readonly compensate: ((result: any, args: any, context: CompensationContext) => unknown) | string | undefined
  readonly covers: 'inner' | undefined
  // biome-ignore lint/suspicious/noExplicitAny: the same
  readonly keep: ((result: any) => unknown) | undefined
  readonly approval: ApprovalPolicy | undefined
  readonly record: RecordLevel
  readonly effect: 'write' | 'read'
  /** True when `effect` was stated; an unclassified tool is told when it is deduplicated. */
  readonly classified: boolean
  readonly once: 'run' | 'thread' | 'ledger'
  readonly repeatable: boolean
  readonly key: ((args: Args) => unknown) | undefined
  readonly keys: readonly string[] | undefined
  readonly resource: ToolPolicy<Args, Result>['resource']
  readonly was: readonly string[]
  readonly onUnknown: NonNullable<ToolPolicy<Args, Result>['onUnknown']>
  readonly downstreamKeyTtlMs: number
  readonly certainty: ToolPolicy<Args, Result>['certainty']
  readonly attempts: number
  readonly backoff: Backoff
  readonly retryWhen: ((error: unknown) => boolean) | undefined
  readonly retryScope: 'run' | 'tool'
  readonly timeoutMs: number
  readonly leaseMs: number
  readonly onOutage: 'block' | 'allow'
  readonly wait: WaitOptions | undefined
}

type Definition<Args, Result> = ToolPolicy<Args, Result> & {
  readonly name?: string
  readonly inputSchema?: StandardSchemaV1 | undefined
  readonly execute?: ToolSpec<Args, Result>['execute']
}

/** Checks a definition and fills in the defaults. Throws `ConfigError`. */
export function toolSpec<Args, Result>(definition: Definition<Args, Result>): ToolSpec<Args, Result> {
  const name = nameOf(definition)
  checkToolMembers(name, definition)
  const execute = definition.execute
  if (execute === undefined && definition.commit === undefined) {
    throw new ConfigError(`tool '${name}' has neither execute nor commit, so it could do nothing. Give it a body.`)
  }
  const spec: ToolSpec<Args, Result> = {
    name,
    description: definition.description,
    parameters: definition.parameters,
    inputSchema: definition.inputSchema,
    // Called on the definition, so that `tool(new PaymentTool())` keeps its `this`.
    execute: execute === undefined ? undefined : (args, context) => execute.call(definition, args, context),
    commit: definition.commit === undefined ? undefined : definition.commit.bind(definition),
    compensate:
      typeof definition.compensate === 'function' ? definition.compensate.bind(definition) : definition.compensate,
    covers: definition.covers,
    keep: definition.keep?.bind(definition),
    approval: approvalPolicy(name, definition),
    record: definition.record ?? TOOL_DEFAULTS.record,
    effect: definition.effect ?? TOOL_DEFAULTS.effect,
    classified: definition.effect !== undefined,
    once: definition.once ?? TOOL_DEFAULTS.once,
    repeatable: definition.repeatable ?? TOOL_DEFAULTS.repeatable,
    key: definition.key?.bind(definition),
    keys: definition.keys as readonly string[] | undefined,
    resource: definition.resource?.bind(definition),
    was: definition.was ?? [],
    onUnknown: boundHook(definition) ?? TOOL_DEFAULTS.onUnknown,
    downstreamKeyTtlMs: definition.downstreamKeyTtlMs ?? TOOL_DEFAULTS.downstreamKeyTtlMs,
    certainty: definition.certainty?.bind(definition),
    attempts: definition.retry?.attempts ?? TOOL_DEFAULTS.attempts,
    backoff: { ...TOOL_DEFAULTS.backoff, ...definition.retry?.backoff },
    retryWhen: definition.retry?.when,
    retryScope: definition.retry?.scope ?? TOOL_DEFAULTS.retryScope,
    timeoutMs: definition.timeoutMs ?? TOOL_DEFAULTS.timeoutMs,
    leaseMs: definition.leaseMs ?? TOOL_DEFAULTS.leaseMs,
    onOutage: definition.onOutage ?? TOOL_DEFAULTS.onOutage,
    wait: definition.wait,
  }
  checkWords(spec)
  checkSpec(spec)
  checkDecisions(spec)
  return Object.freeze(spec)
}

/** Methods are called on the object that they were defined on. */
function boundHook<Args, Result>(definition: Definition<Args, Result>): ToolPolicy<Args, Result>['onUnknown'] {
  const { onUnknown } = definition
  return typeof onUnknown === 'function' ? onUnknown.bind(definition) : onUnknown
}

function nameOf(definition: { readonly name?: string }): string {
  const name = definition.name ?? definition.constructor?.name
  if (typeof name !== 'string' || name === '' || name === 'Object') {
    throw new ConfigError(
      'a tool needs a name: it is part of every key. Give `name`, or pass an instance of a named class.',
    )
  }
  return name
}

const CHOICES = {
  effect: ['write', 'read'],
  once: ['run', 'thread', 'ledger'],
  onUnknown: ['halt', 'retry'],
  onOutage: ['block', 'allow'],
  record: RECORD_LEVELS,
  retryScope: ['run', 'tool'],
} as const

/** A misspelt word would otherwise be taken for the default. */
function checkWords<Args, Result>(spec: ToolSpec<Args, Result>): void {
  for (const [name, words] of Object.entries(CHOICES)) {
    const value: unknown = spec[name as keyof typeof CHOICES]
    if ((words as readonly unknown[]).includes(value)) continue
    if (name === 'onUnknown' && typeof value === 'function') continue
    const shown = name === 'retryScope' ? 'retry.scope' : name
    const hook = name === 'onUnknown' ? ' or a function' : ''
    throw new ConfigError(
      `tool '${spec.name}': \`${shown}\` is '${String(value)}'; it must be one of ${words.join(', ')}${hook}.`,
    )
  }
}

function checkSpec<Args, Result>(spec: ToolSpec<Args, Result>): void {
  const fail = (what: string): never => {
    throw new ConfigError(`tool '${spec.name}': ${what}`)
  }
  const keyings = [spec.key, spec.keys, spec.resource].filter((way) => way !== undefined).length
  if (keyings > 1) fail('`key`, `keys` and `resource` exclude each other; give one.')
  if (spec.once !== 'run' && keyings === 0) {
    fail(
      `once: '${spec.once}' needs key, keys or resource, because the same arguments in another run may mean another deed.`,
    )
  }
  if (spec.keys?.length === 0)
    fail('`keys` is empty, so every call would be the same effect. Name at least one argument.')
  if (!Number.isInteger(spec.attempts) || spec.attempts < 1)
    fail('`retry.attempts` counts the first try and must be an integer from 1.')
  if (!(spec.timeoutMs > 0)) fail('`timeoutMs` must be above 0.')
  if (!(spec.leaseMs > 0)) fail('`leaseMs` must be above 0; Infinity means that the effect is never taken over.')
  if (!(spec.downstreamKeyTtlMs > 0)) fail('`downstreamKeyTtlMs` must be above 0.')
  if (spec.effect === 'read' && spec.commit !== undefined) fail('a read has nothing to commit; make it a write.')
  if (spec.onOutage === 'allow' && spec.commit !== undefined)
    fail(
      "with `commit` it cannot run while the store is out of reach, because its rows are written there; leave out onOutage: 'allow'.",
    )
  if (spec.effect === 'read' && spec.once !== 'run') fail('a read runs every time, so `once` has no meaning for it.')
}
