import { read } from '../errors/holdfast-error.ts'

/** A recorded error as a page or a log may show it: no stack, no fields, no cause. */
export interface ErrorView {
  readonly name: string
  readonly message: string
  readonly code?: string | number
}

/** An error that has been read: as it was stored, or revived. */
export function errorViewOf(error: unknown): ErrorView {
  const name = read(error, 'name')
  const message = read(error, 'message')
  const code = read(error, 'code')
  return {
    name: typeof name === 'string' ? name : 'Error',
    message: typeof message === 'string' ? message : String(error),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
  }
}
