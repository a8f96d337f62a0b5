import { ConfigError } from '../errors/config-error.ts'
import { checkOptionNames } from '../errors/option-names.ts'
import type { ApprovalOptions } from './tool-definition.ts'

/** A tool's `approval` with its defaults filled in. */
export interface ApprovalPolicy {
  readonly when: (args: unknown) => boolean | Promise<boolean>
  readonly from: 'ledger' | 'client'
  /** `Infinity`: the question stays open. */
  readonly expiresMs: number
  readonly reason: string | null
  readonly block: boolean
}

/** The one place where an approval's defaults live. */
export const APPROVAL_DEFAULTS: ApprovalPolicy = Object.freeze({
  when: () => true,
  from: 'ledger',
  expiresMs: Number.POSITIVE_INFINITY,
  reason: null,
  block: false,
})

const OPTIONS = ['when', 'from', 'expiresMs', 'reason', 'block']

/** What a definition says about approvals; undefined if no human is ever asked. Throws `ConfigError`. */
export function approvalPolicy(tool: string, definition: object): ApprovalPolicy | undefined {
  const { approval } = definition as { readonly approval?: unknown }
  if (approval === undefined || approval === false) return undefined
  if (approval === true) return APPROVAL_DEFAULTS
  if (typeof approval === 'function') {
    return { ...APPROVAL_DEFAULTS, when: (args) => approval.call(definition, args) as boolean }
  }
  // A policy that nobody can read must not be taken for none.
  if (typeof approval !== 'object' || approval === null) fail(tool, `\`approval\` is ${String(approval)}`)
  return fromOptions(tool, approval)
}

function fromOptions(tool: string, options: ApprovalOptions<unknown>): ApprovalPolicy {
  checkOptionNames(`tool '${tool}': approval`, options, OPTIONS)
  const { when, from, expiresMs, reason, block } = options
  if (when !== undefined && typeof when !== 'function') fail(tool, '`approval.when` is no function')
  if (from !== undefined && from !== 'ledger' && from !== 'client') fail(tool, `\`approval.from\` is '${String(from)}'`)
  if (expiresMs !== undefined && !(expiresMs > 0)) fail(tool, '`approval.expiresMs` is not above 0')
  if (block !== undefined && typeof block !== 'boolean') fail(tool, '`approval.block` is neither true nor false')
  return {
    when: when === undefined ? APPROVAL_DEFAULTS.when : (args) => when.call(options, args),
    from: from ?? APPROVAL_DEFAULTS.from,
    expiresMs: expiresMs ?? APPROVAL_DEFAULTS.expiresMs,
    reason: reason ?? APPROVAL_DEFAULTS.reason,
    block: block ?? APPROVAL_DEFAULTS.block,
  }
}

function fail(tool: string, what: string): never {
  throw new ConfigError(
    `tool '${tool}': ${what}. Nothing was defined. Give true, a function of the arguments, or { when, from, expiresMs, reason, block }.`,
  )
}
