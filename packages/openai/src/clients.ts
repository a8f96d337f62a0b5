import * as sdk from 'openai'
import { guardedClass } from './guarded-class.ts'

const root = guardedClass(sdk.OpenAI)

/** The SDK's client, guarded. */
export const OpenAI: typeof sdk.OpenAI = rooted(root)
/** The client of Azure's API, guarded. */
export const AzureOpenAI: typeof sdk.AzureOpenAI = rooted(guardedClass(sdk.AzureOpenAI))
/** The client of Bedrock's API, guarded; undefined where the installed SDK has none. */
export const BedrockOpenAI: typeof sdk.BedrockOpenAI = sdk.BedrockOpenAI && rooted(guardedClass(sdk.BedrockOpenAI))

/** `OpenAI.OpenAI` is the way in for some code, and must not be a way around. */
function rooted<Client extends object>(client: Client): Client {
  return Object.defineProperty(client, 'OpenAI', { value: root, enumerable: true, configurable: true, writable: true })
}
