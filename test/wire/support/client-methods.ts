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

function functionsOf(resource: object): string[] {
  const prototype: object = Object.getPrototypeOf(resource)
  const keys = Object.getOwnPropertyNames(prototype).filter((key) => key !== 'constructor' && !key.startsWith('_'))
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

/** What a method comes to that is asked of a provider which refuses everything. */
export interface Probed extends ClientMethod {
  /** Of the first request that it sends; `nothing`: it sends none. */
  readonly kind: Endpoint['kind'] | 'nothing'
}

/** Finds out what each method sends, by calling it on a client of its own; `base`: where its provider is known by. */
export async function probed(
  make: (fetch: typeof globalThis.fetch) => object,
  body: AnyBody,
  base: string,
): Promise<Probed[]> {
  const methods = methodsOf(make(fetch), body)
  return Promise.all(methods.map(async (method) => ({ ...method, kind: await kindOf(method, make, base) })))
}

async function kindOf(
  method: ClientMethod,
  make: (fetch: typeof globalThis.fetch) => object,
  base: string,
): Promise<Probed['kind']> {
  const kinds: Endpoint['kind'][] = []
  const client = make(async (input, init) => {
    // An SDK finds out by this one what a fetch can do.
    if (String(input).startsWith('data:')) return fetch(input)
    const url = String(input).replace(/^https?:\/\/[^/]+/, base)
    kinds.push(endpointOf({ method: init?.method ?? 'GET', url }).kind)
    return Response.json({ error: { message: 'no' } }, { status: 400 })
  })
  await method.call(client).catch(() => undefined)
  return kinds[0] ?? 'nothing'
}
