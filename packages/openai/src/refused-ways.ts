import { NotSupportedError } from 'holdfast'
import type { SdkClient } from './sdk-client.ts'
import { asSdkError } from './sdk-error.ts'

/** What goes over a websocket is billed and never seen: it is not opened, unless that is what was asked for. */
export function refuseWebSocket(client: SdkClient): void {
  if (client._options.websockets === 'unmetered') return
  const advice =
    "Nothing of what it uses would be counted. Open it with another client, or allow it: new OpenAI({ websockets: 'unmetered' })."
  throw asSdkError(client, new NotSupportedError('A websocket of a guarded client', advice))
}

/** Requests of a certificate's identity go through a fetch of the SDK's own, which nothing can guard. */
export function refuseCertificates(client: SdkClient): void {
  const { x509Transport } = client._options
  if (x509Transport === undefined || x509Transport === null) return
  const advice =
    'Its requests could not be guarded. Authenticate with a key or a subject token, or use the client of openai.'
  throw asSdkError(client, new NotSupportedError('An X.509 workload identity', advice))
}
