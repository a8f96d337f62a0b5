import type { SerializedError } from './serialized-error.ts'

/** An error as data that may be shown: stacks name files of the machine that it happened on. */
export function withoutStacks({ stack: _, cause, errors, ...error }: SerializedError): Omit<SerializedError, 'stack'> {
  return {
    ...error,
    ...(cause === undefined ? {} : { cause: withoutStacks(cause) }),
    ...(errors === undefined ? {} : { errors: errors.map(withoutStacks) }),
  }
}
