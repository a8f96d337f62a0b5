import type { HoldfastError } from 'holdfast'

/** A class of errors that an SDK throws, and its own helpers let through. */
// biome-ignore lint/suspicious/noExplicitAny: what else it takes is its own
export type SdkErrorClass = new (message: string, ...rest: any[]) => Error

const copies = new WeakMap<SdkErrorClass, WeakMap<Error, Error>>()

/**
 * An error of ours that is an error of an SDK as well: `instanceof` its class, with all that it has as ours, so that
 * `isInstance`, `instanceof`, `toJSON`, `docs`, `code` and `status` tell the same. One error is always the same copy.
 */
export function asErrorOf<Class extends SdkErrorClass, Ours extends Error = HoldfastError>(
  type: Class,
  error: Ours,
): Ours & InstanceType<Class> {
  if (error instanceof type) return error as Ours & InstanceType<Class>
  const known = copiesOf(type)
  const copy = known.get(error) ?? copyOf(type, error)
  known.set(error, copy)
  return copy as Ours & InstanceType<Class>
}

function copiesOf(type: SdkErrorClass): WeakMap<Error, Error> {
  const known = copies.get(type) ?? new WeakMap<Error, Error>()
  copies.set(type, known)
  return known
}

function copyOf(type: SdkErrorClass, error: Error): Error {
  const copy = new type(error.message)
  for (const name of Reflect.ownKeys(copy)) Reflect.deleteProperty(copy, name)
  Object.defineProperties(copy, { ...Object.getOwnPropertyDescriptors(error), stack: hidden(error.stack) })
  return Object.setPrototypeOf(copy, membersOf(error, type.prototype))
}

function hidden(value: unknown): PropertyDescriptor {
  return { value, enumerable: false, configurable: true, writable: true }
}

/** What our classes have between the error and `Error`, and the SDK's class behind it. */
function membersOf(error: Error, behind: object): object {
  const above: object = Object.getPrototypeOf(error) ?? Error.prototype
  const classes: object[] = []
  for (let at = above; at !== Error.prototype && at !== Object.prototype; at = Object.getPrototypeOf(at))
    classes.push(at)
  return classes.reduceRight((next, members) => Object.create(next, boundMembers(error, members)), behind)
}

/** They may look at private members, which only the error itself has. */
function boundMembers(error: Error, members: object): PropertyDescriptorMap {
  const descriptors = Object.entries(Object.getOwnPropertyDescriptors(members))
  return Object.fromEntries(descriptors.map(([name, descriptor]) => [name, bound(error, name, descriptor)]))
}

function bound(error: Error, name: string, descriptor: PropertyDescriptor): PropertyDescriptor {
  const { value, get } = descriptor
  if (get !== undefined) return { ...descriptor, get: () => get.call(error) }
  return typeof value === 'function' && name !== 'constructor'
    ? { ...descriptor, value: value.bind(error) }
    : descriptor
}
