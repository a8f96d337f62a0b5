// A ledger and its runs.

// What humans decide.
export type { ApprovalView } from './approval/approval-view.ts'
export type { ApproveOptions, DecisionOptions, OverruleOptions } from './approval/decide-approval.ts'
export type { LedgerApprovals } from './approval/ledger-approvals.ts'
export type { PendingQuery } from './approval/pending-approvals.ts'
// What happened.
export type { CallCost } from './audit/call-cost.ts'
export type { CallView } from './audit/call-view.ts'
export type { CompensationView, EffectView } from './audit/effect-view.ts'
export type { Entry } from './audit/entry-view.ts'
export type { ErrorView } from './audit/error-view.ts'
export type { ExportOptions } from './audit/export-run.ts'
export { type FormatOptions, formatRun } from './audit/format-run.ts'
export type { CallListQuery } from './audit/list-calls.ts'
export type { EffectListQuery, EffectSearch } from './audit/list-effects.ts'
export type { RunListQuery } from './audit/list-runs.ts'
export type {
  ExportedAnswer,
  ExportedApproval,
  ExportedAttempt,
  ExportedCall,
  ExportedCompensation,
  ExportedCost,
  ExportedEffect,
  ExportedEntry,
  ExportedError,
  ExportedRun,
  ExportedTotals,
  RunExport,
  StoredValue,
} from './audit/run-export.ts'
export type { RunView } from './audit/run-view.ts'
export type { TailEntry, TailQuery } from './audit/tail-entries.ts'
export type { Verification } from './audit/verify-ledger.ts'
// What may be used, and what was.
export { formatUsage } from './budget/format-usage.ts'
export type { Hold, Spent } from './budget/hold.ts'
export type { HoldEstimate } from './budget/hold-estimate.ts'
export type { ChangeLimits, LedgerScopes, SetScopeLimits } from './budget/ledger-scopes.ts'
export type { Usage, UsedLimit } from './budget/usage-view.ts'
// Model calls.
export type { CallHow, SeenAnswer } from './call/call-how.ts'
export type { CallContext, CallRequest } from './call/call-request.ts'
export type { ChargeCorrected, ChargeCorrection } from './call/correct-charge.ts'
// What is stored and shown, and how.
export { type AesGcmOptions, aesGcm } from './codec/aes-gcm.ts'
export type { Codec } from './codec/codec.ts'
export type { Compensated } from './compensation/compensate-run.ts'
export type { LedgerEventName, LedgerEvents, LedgerListener } from './config/ledger-events.ts'
export type { LimitsFor, ScopeLimits } from './config/limit-settings.ts'
export type { LimitPeriod, Limits, OneOrMany, RateLimit, ToolLimits, ToolRateLimit } from './config/limits.ts'
export type { LoopOptions } from './config/loop-options.ts'
export type { MoneyEvents } from './config/money-events.ts'
export type { UnboundedCalls } from './config/money-options.ts'
export type { Redact, RedactAbout } from './config/redact.ts'
export { redactFields } from './config/redact-fields.ts'
export type { EffectDecision, EffectResult } from './effect/by-hand.ts'
export { canonicalJson } from './effect/canonical-json.ts'
export type {
  AwaitingClaim,
  BusyClaim,
  ClaimedByHand,
  DeniedClaim,
  FailedClaim,
  ManualClaim,
  SettledClaim,
} from './effect/manual.ts'
export type { ApprovalRequestOptions } from './effect/request-approval.ts'
// Errors.
export { ApprovalDeniedError } from './errors/approval-denied-error.ts'
export { ApprovalRequiredError, type RequiredApproval } from './errors/approval-required-error.ts'
export { type BudgetExceeded, BudgetExceededError } from './errors/budget-exceeded-error.ts'
export { CompensationFailedError, type CompensationFailure } from './errors/compensation-failed-error.ts'
export { ConfigError } from './errors/config-error.ts'
export { DivergenceError } from './errors/divergence-error.ts'
export { EffectFailedError } from './errors/effect-failed-error.ts'
export { EffectInProgressError } from './errors/effect-in-progress-error.ts'
export { EffectUnknownError } from './errors/effect-unknown-error.ts'
export { HoldfastError } from './errors/holdfast-error.ts'
export { IdempotencyConflictError } from './errors/idempotency-conflict-error.ts'
export { InvalidArgumentsError } from './errors/invalid-arguments-error.ts'
export { LeaseLostError } from './errors/lease-lost-error.ts'
export { type CountedLimit, type LimitExceeded, LimitExceededError } from './errors/limit-exceeded-error.ts'
export { LoopDetectedError, type LoopDetectorName } from './errors/loop-detected-error.ts'
export { NoRunError } from './errors/no-run-error.ts'
export { NotAppliedError } from './errors/not-applied-error.ts'
export { NotSerializableError } from './errors/not-serializable-error.ts'
export { NotSupportedError } from './errors/not-supported-error.ts'
export { OutputCutOffError } from './errors/output-cut-off-error.ts'
export { type RateLimited, RateLimitedError } from './errors/rate-limited-error.ts'
export { RunAbandonedError } from './errors/run-abandoned-error.ts'
export { RunCanceledError } from './errors/run-canceled-error.ts'
export { RunClosedError } from './errors/run-closed-error.ts'
export { RunFailedError } from './errors/run-failed-error.ts'
export { RunHaltedError } from './errors/run-halted-error.ts'
export { RunInProgressError } from './errors/run-in-progress-error.ts'
export { SchemaMissingError } from './errors/schema-missing-error.ts'
export { SchemaTooNewError } from './errors/schema-too-new-error.ts'
export { StoreUnavailableError } from './errors/store-unavailable-error.ts'
export { toResponse } from './errors/to-response.ts'
export { TurnLimitError } from './errors/turn-limit-error.ts'
export { UnboundedCallError } from './errors/unbounded-call-error.ts'
export { UnknownPriceError } from './errors/unknown-price-error.ts'
export { UnmeteredRequestError } from './errors/unmetered-request-error.ts'
export { textBound } from './estimate/text-bound.ts'
export type { Tokenizer } from './estimate/tokenizer.ts'
// Loops.
export type { LoopCount } from './guard/loop-counts.ts'
export {
  createLedger,
  defaultLedger,
  type Ledger,
  type LedgerCalls,
  type LedgerOptions,
  setDefaultLedger,
} from './ledger.ts'
// Money, prices, and what providers count.
export type { ContextTier, Dollars, ModelPrice, PriceOptions, PriceRates, PriceTable } from './price/model-price.ts'
// Tools.
export type { RecoverOptions, Recovery } from './resume/recovery.ts'
export { tool } from './run/callable-tool.ts'
export { currentRun } from './run/current-run.ts'
export { type CallLedger, type GuardedFunction, type GuardedModel, guardCall } from './run/guard-call.ts'
export { type InterruptOptions, type InterruptSignal, interruptSignal } from './run/interrupt-signal.ts'
export type { LedgerEffects } from './run/ledger-effects.ts'
export type { LedgerRuns } from './run/ledger-runs.ts'
export { loopGuard } from './run/loop-guard.ts'
export type { LedgerLoops } from './run/loops-outside-runs.ts'
export type { Run } from './run/run.ts'
export type { Agent } from './run/run-agent.ts'
export type { RunLoops } from './run/run-loops.ts'
export type { RunOptions } from './run/run-options.ts'
export type { UnmeteredRequest } from './run/unmetered-request.ts'
// Sagas and plans.
export { executePlan, type PlanOptions } from './saga/execute-plan.ts'
export type { SagaOptions } from './saga/execute-saga.ts'
export type { Plan, PlanOutcome, PlanStep, PlanStepOutcome, PlanTools } from './saga/plan.ts'
export { PlanFailedError } from './saga/plan-failed-error.ts'
export { type Done, type Saga, type SagaGroup, saga } from './saga/saga.ts'
export type { StepOptions } from './saga/step.ts'
export { type SagaAudit, type SagaAuditStep, toSagaAudit } from './saga/to-saga-audit.ts'
export type { Problem } from './store/read-verbs.ts'
export type { Certainty, EffectStatus, RunStatus } from './store/records.ts'
// Stores.
export { memory, type SqliteOptions, sqlite } from './store/sqlite/sqlite.ts'
export type { Durability, MigrateMode, Store, StoreSettings, StoreSource } from './store/store.ts'
export { sqliteUrl, storeFromUrl } from './store/store-from-url.ts'
export type { AnyTool, ApprovalAnswer, PerformOptions, Tool } from './tool/tool.ts'
export type {
  ApprovalOptions,
  CommitToolDefinition,
  CompensationContext,
  EffectContext,
  Reconcile,
  Reconciliation,
  Resource,
  RetryOptions,
  SchemaToolDefinition,
  ToolDefinition,
  ToolObject,
  ToolPolicy,
  Transaction,
  WaitOptions,
} from './tool/tool-definition.ts'
export { readStreamUsage } from './usage/read-stream-usage.ts'
export { readUsage } from './usage/read-usage.ts'
export type { TokenUsage, UsageUnit } from './usage/token-usage.ts'
export type { UsageContext, UsageReading } from './usage/usage-reading.ts'
export { formatUsd, isUsd, type Usd, usd, usdFromNano } from './usd.ts'

// Time and ids, for tests that decide them.
export { type Clock, systemClock } from './util/clock.ts'
export type { Ids } from './util/ids.ts'
export { ManualClock } from './util/manual-clock.ts'
