import type { ErrorView } from '../audit/error-view.ts'
import type { EffectStatus, RunStatus } from '../store/records.ts'
import type { AnyTool } from '../tool/tool.ts'

/** A tool call that somebody, mostly a model, decided on. */
export interface PlanStep {
  /** The tool's name: in a record of tools, the one that it has there. */
  readonly tool: string
  readonly args?: unknown
  /** What the outcome calls it. @default the tool's name */
  readonly name?: string
}

/** Steps one after the other; a list among them is a group whose members start together. */
export type Plan = readonly (PlanStep | readonly PlanStep[])[]

export type PlanTools = readonly AnyTool[] | Readonly<Record<string, AnyTool>>

/** What became of a plan. */
export interface PlanOutcome {
  /** The run that the plan was executed as. */
  readonly runId: string
  readonly status: RunStatus
  /** In the plan's order, groups laid flat. */
  readonly steps: readonly PlanStepOutcome[]
  /** In the plan's shape; undefined where there is none. */
  readonly results: readonly unknown[]
}

/** What became of one step: `pending` if it never started. */
export interface PlanStepOutcome {
  readonly name: string
  readonly tool: string
  readonly args: unknown
  /** The parallel group that it is a member of: its place in the plan, from 1. */
  readonly group: number | null
  readonly status: EffectStatus | 'pending'
  readonly result: unknown
  readonly error: ErrorView | null
  /** How often its body was started. */
  readonly attempts: number
}
