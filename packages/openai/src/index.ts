// Everything that the SDK has.
// biome-ignore lint/performance/noReExportAll: it stands in the SDK's place, whatever version is installed.
export * from 'openai'

// The clients, guarded: these win over the SDK's own.
// biome-ignore lint/style/noDefaultExport: the SDK has one.
export { AzureOpenAI, BedrockOpenAI, OpenAI, OpenAI as default } from '#clients'
// What a guarded client takes.
export type { ClientGuardOptions } from './client-options.ts'
// Clients that exist.
export { guardOpenAI } from './guard-openai.ts'
// From a prompt to an answer, with tools in between.
export { type RunToolsOptions, type RunToolsResult, runTools } from './run-tools.ts'
