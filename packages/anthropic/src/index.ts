// Everything that the SDK has.
// biome-ignore lint/performance/noReExportAll: it stands in the SDK's place, whatever version is installed.
export * from '@anthropic-ai/sdk'

// The clients, guarded: these win over the SDK's own.
// biome-ignore lint/style/noDefaultExport: the SDK has one.
export { Anthropic, Anthropic as default, BaseAnthropic } from '#clients'
// What a guarded client takes.
export type { ClientGuardOptions } from './client-options.ts'
// Clients that exist, and classes of other platforms or of your own.
export { guardAnthropic } from './guard-anthropic.ts'
export { guardedClass as guardedAnthropic } from './guarded-class.ts'
// For a client that takes a middleware.
export { type LedgerMiddlewareOptions, ledgerMiddleware } from './ledger-middleware.ts'
// From a prompt to an answer, with tools in between.
export { type RunToolsOptions, type RunToolsResult, runTools } from './run-tools.ts'
