import * as sdk from '@anthropic-ai/sdk'
import { guardedClass } from './guarded-class.ts'

const root = guardedClass(sdk.Anthropic)

/** The SDK's client, guarded. */
export const Anthropic: typeof sdk.Anthropic = rooted(root)
/** What the clients of other platforms are made of, guarded. */
export const BaseAnthropic: typeof sdk.BaseAnthropic = rooted(guardedClass(sdk.BaseAnthropic))

/** `Anthropic.Anthropic` is the way in for some code, and must not be a way around. */
function rooted<Client extends object>(client: Client): Client {
  return Object.defineProperty(client, 'Anthropic', {
    value: root,
    enumerable: true,
    configurable: true,
    writable: true,
  })
}
