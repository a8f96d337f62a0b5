import type { SdkMiddleware, SdkNext, SdkRequest } from './sdk-client.ts'

const ATTEMPT: unique symbol = Symbol.for('holdfast.attempt') as never

/** Whether anything of a request may have left already. */
interface Attempt {
  isBegun: boolean
}

interface MarkedRequest extends RequestInit {
  [ATTEMPT]?: Attempt | undefined
}

/** What ended a request before anything of it left. */
const unsent = new WeakSet<object>()

/** A request of which it is noted when it is sent. The SDK, and the platforms, copy the mark along. */
export function marked<Request extends SdkRequest>(request: Request): Request {
  const attempt: Attempt = { isBegun: false }
  return { ...request, [ATTEMPT]: attempt }
}

/** Whether nothing was sent, for certain, when this was thrown. */
export function endedUnsent(error: unknown): error is Error {
  return error instanceof Error && unsent.has(error)
}

/** The last step before a request is sent: its credentials, its signature. Takes the mark off. */
export async function noteSending(request: MarkedRequest, prepare: () => Promise<void>): Promise<void> {
  const attempt = request[ATTEMPT]
  delete request[ATTEMPT]
  try {
    await prepare()
  } catch (error) {
    noteUnsent(error, attempt)
    throw error
  }
  if (attempt !== undefined) attempt.isBegun = true
}

/** The middleware of a platform, which may fail to sign a request. */
export function notingUnsent(middleware: SdkMiddleware): SdkMiddleware {
  return async (request, next, context) => {
    let isOn = false
    const on: SdkNext = (adapted) => {
      isOn = true
      return next(adapted)
    }
    try {
      return await middleware(request, on, context)
    } catch (error) {
      if (!isOn) noteUnsent(error, (request as MarkedRequest)[ATTEMPT])
      throw error
    }
  }
}

/** A platform may have sent a request once, and fail to prepare it for another time. */
function noteUnsent(error: unknown, attempt: Attempt | undefined): void {
  if (attempt?.isBegun === false && error instanceof Error) unsent.add(error)
}
