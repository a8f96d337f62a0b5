import type { Place } from '../effect/perform.ts'
import { stableText } from '../util/stable-text.ts'
import type { RunCore } from './run-core.ts'

/** Counts a call that is made elsewhere. Throws `LoopDetectedError`, and halts the run, where it is one too many. */
export async function checkLoop(core: RunCore, { lane, parent }: Place, tool: string, args: unknown): Promise<void> {
  core.assertOpen(parent)
  const loop = core.loops?.announce({ lane, tool, args: argsText(args), secret: false })
  if (loop === undefined) return
  await core.halt(loop)
  throw loop
}

/** As the key of an effect has them, and a stand-in for what no key could have: a method's own object, a callback. */
export function argsText(args: unknown): string {
  return args === undefined ? '' : stableText(args)
}
