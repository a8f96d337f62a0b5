import * as claudeOne from '@anthropic-ai/sdk'
import * as claudeZero from '@anthropic-ai/sdk-v0'
import type { Ledger } from 'holdfast'
import * as openaiSeven from 'openai'
import * as openaiSix from 'openai-v6'
import * as guardedAnthropic from '../../../packages/anthropic/src/index.ts'
import { guardedClass } from '../../../packages/openai/src/guarded-class.ts'
import * as guardedOpenai from '../../../packages/openai/src/index.ts'

/** An installed version of a client, bare and guarded. */
export interface Sdk<Client> {
  readonly name: string
  bare(url: string, options?: object): Client
  guarded(url: string, ledger: Ledger, options?: object): Client
  readonly base: abstract new (...parameters: never[]) => Error
  readonly abort: abstract new (...parameters: never[]) => Error
}

export type OpenAIClient = openaiSeven.OpenAI
export type AnthropicClient = claudeOne.Anthropic

const COMMON = { apiKey: 'sk-test', maxRetries: 0, logLevel: 'off' } as const

const six = openaiSix as unknown as typeof openaiSeven

export const OPENAI: readonly Sdk<OpenAIClient>[] = [
  openaiSdk('openai 7', openaiSeven, guardedOpenai.OpenAI),
  openaiSdk('openai 6', six, guardedClass(six.OpenAI)),
]

function openaiSdk(name: string, sdk: typeof openaiSeven, Guarded: typeof openaiSeven.OpenAI): Sdk<OpenAIClient> {
  const at = (url: string) => ({ ...COMMON, baseURL: `${url}/v1` })
  return {
    name,
    bare: (url, options) => new sdk.OpenAI({ ...at(url), ...options }),
    guarded: (url, ledger, options) => new Guarded({ ...at(url), ledger, ...options }),
    base: sdk.OpenAIError,
    abort: sdk.APIUserAbortError,
  }
}

const zero = claudeZero as unknown as typeof claudeOne

export const ANTHROPIC: readonly Sdk<AnthropicClient>[] = [
  anthropicSdk('Anthropic 1', claudeOne, guardedAnthropic.Anthropic),
  anthropicSdk('Anthropic 0', zero, guardedAnthropic.guardedAnthropic(zero.Anthropic)),
]

function anthropicSdk(name: string, sdk: typeof claudeOne, Guarded: typeof claudeOne.Anthropic): Sdk<AnthropicClient> {
  return {
    name,
    bare: (url, options) => new sdk.Anthropic({ ...COMMON, baseURL: url, ...options }),
    guarded: (url, ledger, options) => new Guarded({ ...COMMON, baseURL: url, ledger, ...options }),
    base: sdk.AnthropicError,
    abort: sdk.APIUserAbortError,
  }
}
