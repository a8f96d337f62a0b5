import type { Resource, WaitOptions } from './tool-definition.ts'
import type { ToolSpec } from './tool-spec.ts'

/** Where the specification of a tool is found on the callable, also across copies of the package. */
export const TOOL_SPEC: unique symbol = Symbol.for('holdfast.tool.v1') as never

/** A yes or no that a framework brought back from its client. */
export interface ApprovalAnswer {
  readonly approve: boolean
  readonly by?: string
  readonly reason?: string
}

/** What a single call of a tool may say. */
export interface PerformOptions {
  /** This call's own key; other arguments under it are an `IdempotencyConflictError`. */
  readonly key?: unknown
  /** The arguments that make this call's key. */
  readonly keys?: readonly string[]
  /** What this call is about. */
  readonly resource?: Resource
  /** True: a human must approve this call. It adds to what the tool says and never takes away. */
  readonly approval?: boolean
  /**
   * What a framework's client answered to this call's question. It decides where the tool's approval is
   * `from: 'client'`; elsewhere it counts for nothing.
   */
  readonly answer?: ApprovalAnswer
  readonly wait?: WaitOptions
}

type Arguments<Input> = undefined extends Input
  ? [args?: Input, options?: PerformOptions]
  : [args: Input, options?: PerformOptions]

/**
 * A tool: a function that, called inside a run, is an effect. `Input` is what callers give, `Args` what the
 * body gets (they differ where a schema transforms).
 */
export interface Tool<Name extends string, Input, Result, Args = Input> {
  (...args: Arguments<Input>): Promise<Result>
  readonly toolName: Name
  readonly description: string | undefined
  readonly [TOOL_SPEC]: ToolSpec<Args, Result>
}

/** Any tool, for lists of them. */
// biome-ignore lint/suspicious/noExplicitAny: variance: a list holds tools of every argument type
export type AnyTool = Tool<string, any, any, any>
