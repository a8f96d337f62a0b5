import type { Ledger } from 'holdfast'
import type { OpenAI } from 'openai'
import type { ClientGuardOptions } from './client-options.ts'
import { guardedClass, inherit, isGuarded, whatClonesForget } from './guarded-class.ts'
import { refuseCertificates } from './refused-ways.ts'
import type { ClientClass, SdkClient } from './sdk-client.ts'

/** The guarded class of each class that a client was made of, so that equal clients have equal classes. */
const classes = new WeakMap<ClientClass, ClientClass>()

/**
 * A guarded clone of a client that exists, of its own class and with its options; the client itself stays as it is, and
 * what goes through it is not guarded.
 *
 * @example
 * const client = guardOpenAI(ledger, new AzureOpenAI({ apiVersion, deployment }))
 */
export function guardOpenAI<Client extends OpenAI>(
  ledger: Ledger,
  client: Client,
  options: Omit<ClientGuardOptions, 'ledger'> = {},
): Client {
  const original = client as unknown as SdkClient
  const changes = { ...options, ledger }
  const clone = inherit(original.withOptions({ ...whatClonesForget(client), ...changes }), original, changes)
  return (isGuarded(clone) ? clone : made(clone)) as unknown as Client
}

/**
 * The prototype is changed, and not the class called, because its constructor may take anything: the SDK's own clone
 * has just shown how it is made.
 */
function made(clone: SdkClient): SdkClient {
  const base = clone.constructor as ClientClass
  const guarded = classes.get(base) ?? guardedClass(base)
  classes.set(base, guarded)
  Object.setPrototypeOf(clone, guarded.prototype)
  const { fetch } = clone
  // Its own property hides the accessor that guards.
  Reflect.deleteProperty(clone, 'fetch')
  clone.fetch = fetch
  refuseCertificates(clone)
  return clone
}
