import { type Script, type ScriptedFetch, type ScriptedFetchOptions, scriptedFetch } from '@holdfast/http/testing'
import { type ClientOptions, OpenAI as Plain } from 'openai'
import { OpenAI } from '#clients'

/** What the client takes, ours among it, and how its answers come. */
export interface ScriptedOpenAIOptions extends Omit<ClientOptions, 'fetch'>, ScriptedFetchOptions {}

/** The client, and what its model was asked. */
export type ScriptedOpenAI = OpenAI & Pick<ScriptedFetch, 'requests'>

/**
 * The SDK's client with a model that says what a script says: guarded where it is given a ledger or a run, else plain.
 *
 * @example
 * const client = scriptedOpenAI([['pay', { order: '1' }], 'Paid.'], { ledger })
 */
export function scriptedOpenAI(script: Script, options: ScriptedOpenAIOptions = {}): ScriptedOpenAI {
  const { chunkBytes, ...others } = options
  const fetch = scriptedFetch(script, { chunkBytes })
  const Client = others.ledger === undefined && others.run === undefined ? Plain : OpenAI
  // Not what the environment says: nothing of it is asked.
  const client = new Client({ apiKey: 'none', baseURL: 'https://api.openai.com/v1', ...others, fetch })
  return Object.assign(client, { requests: fetch.requests })
}
