/** Where the crash harness may end the process. */
export type CrashPoint = string

/**
 * The harness sets this before anything of ours is imported; nobody else does. Read once, so that a crash
 * point costs one comparison with a constant.
 */
const crash: ((name: CrashPoint) => void) | undefined = (
  globalThis as { [key: symbol]: ((name: CrashPoint) => void) | undefined }
)[Symbol.for('holdfast.crash.v1')]

/** A named instruction at which the crash harness may kill this process. Does nothing otherwise. */
export function crashPoint(name: CrashPoint): void {
  if (crash !== undefined) crash(name)
}
