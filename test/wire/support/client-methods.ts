import { type Endpoint, endpointOf } from '@holdfast/http'

/** A method of a client's resources, such as `chat.completions.create`. */
export interface ClientMethod {
  readonly name: string
  /** Calls it on a client, and waits for all that it does. */
  call(client: object): Promise<unknown>
}

/** A body with what any method looks for in it before it sends. */
export type AnyBody = Readonly<Record<string, unknown>>

// biome-ignore lint/suspicious/noExplicitAny: whatever a resource has
type Members = Record<string, any>

/** Every method of every resource of a client: those of the client itself send what they are told to. */
export function methodsOf(client: object, body: AnyBody): ClientMethod[] {
  return resourcesOf(client, []).flatMap(({ path, resource }) =>
    functionsOf(resource).map((key) => {
      const parameters = parametersOf((resource as Members)[key])
      const call = (other: object) => outcomeOf(at(other, path), key, argumentsFor(parameters, body))
      return { name: [...path, key].join('.'), call }
    }),
  )
}

/** A body that has whatever ids a method looks for in it, to make its path of. */
function withIds(body: AnyBody): AnyBody {
  const isId = (key: PropertyKey) => typeof key === 'string' && /^(?:.*_)?(?:id|key|version|name)$/.test(key)
  return new Proxy(body, { get: (own, key) => own[key as string] ?? (isId(key) ? 'id_1' : undefined) })
}

interface Place {
  readonly path: readonly string[]
  readonly resource: object
}

function resourcesOf(owner: object, path: readonly string[]): Place[] {
  return Object.entries(owner)
    .filter(([key, value]) => !key.startsWith('_') && typeof value === 'object' && value !== null && '_client' in value)
    .flatMap(([key, value]) => {
      const place = { path: [...path, key], resource: value as object }
      return [place, ...resourcesOf(place.resource, place.path)]
    })
}

/** The last one only reads, by the clock. */
const NO_METHODS = new Set(['constructor', 'waitForProcessing'])

function functionsOf(resource: object): string[] {
  const prototype: object = Object.getPrototypeOf(resource)
  const keys = Object.getOwnPropertyNames(prototype).filter((key) => !NO_METHODS.has(key) && !key.startsWith('_'))
  return keys.filter((key) => typeof Object.getOwnPropertyDescriptor(prototype, key)?.value === 'function')
}

function at(client: object, path: readonly string[]): Members {
  return path.reduce<Members>((owner, key) => owner[key], client as Members)
}

/** As they are called in the SDK's own source. */
function parametersOf(method: (...parameters: never[]) => unknown): string[] {
  const [, list = ''] = /^[^(]*\(([^)]*)\)/.exec(method.toString().replaceAll(/\{[^}]*\}(?=\s*[,)=])/g, 'params')) ?? []
  return list.split(',').map((parameter) => parameter.trim())
}

function argumentsFor(parameters: readonly string[], body: AnyBody): unknown[] {
  return parameters
    .filter((name) => name !== '' && !/options/i.test(name))
    .map((name) => (/body|params|query/i.test(name) ? withIds(body) : 'id_1'))
}

/** A promise, a runner that tells when it is done, or something to go through. */
async function outcomeOf(resource: Members, key: string, args: readonly unknown[]): Promise<unknown> {
  const result: Members | undefined = resource[key](...args)
  if (typeof result?.then === 'function') return result
  if (typeof result?.done === 'function') return result.done()
  if (result !== undefined && Symbol.asyncIterator in result)
    for await (const _ of result as unknown as AsyncIterable<unknown>);
  return result
}

/** What a method sends that is asked of a provider which does whatever it is asked for. */
export interface Probed extends ClientMethod {
  /** Of each request, in order. */
  readonly kinds: readonly Endpoint['kind'][]
}

/** Finds out what each method sends, by calling it on a client of its own; `base`: where its provider is known by. */
export async function probed(
  make: (fetch: typeof globalThis.fetch) => object,
  body: AnyBody,
  base: string,
): Promise<Probed[]> {
  const methods = methodsOf(make(fetch), body)
  return Promise.all(methods.map(async (method) => ({ ...method, kinds: await kindsOf(method, make, base) })))
}

async function kindsOf(
  method: ClientMethod,
  make: (fetch: typeof globalThis.fetch) => object,
  base: string,
): Promise<Probed['kinds']> {
  const kinds: Endpoint['kind'][] = []
  const client = make(async (input, init) => {
    // An SDK finds out by this one what a fetch can do.
    if (String(input).startsWith('data:')) return fetch(input)
    kinds.push(kindOf(init?.method ?? 'GET', String(input), base))
    // More would keep those busy who wait for something to happen.
    return Response.json(WHATEVER, { status: kinds.length === 1 ? 200 : 400 })
  })
  await method.call(client).catch(() => undefined)
  return kinds
}

/** What a request to a server of ours would be to the provider. */
export function kindOf(method: string, url: string, base: string): Endpoint['kind'] {
  return endpointOf({ method, url: base + new URL(url, base).pathname }).kind
}

/** An answer that helpers go on with, and do not wait for. */
export const WHATEVER: AnyBody = {
  ...{ id: 'id_1', object: 'any', type: 'message', status: 'completed', stop_reason: 'end_turn' },
  ...{ data: [], choices: [], output: [], content: [], has_more: false },
}

export function isBilled(kind: Endpoint['kind']): boolean {
  return kind === 'metered' || kind === 'unpriced'
}
