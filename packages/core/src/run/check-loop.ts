import type { Place } from '../effect/perform.ts'
import { strandOf } from '../lane/strand-of.ts'
import { argumentText } from '../util/argument-text.ts'
import { hidesArguments } from './hides-arguments.ts'
import type { RunCore } from './run-core.ts'

/** Counts a call that is made elsewhere. Throws `LoopDetectedError`, and halts the run, where it is one too many. */
export async function checkLoop(core: RunCore, { lane, parent }: Place, tool: string, given: unknown): Promise<void> {
  core.assertOpen(parent)
  const args = argumentText(given)
  if (args === undefined) return
  const secret = hidesArguments(tool, core.context.tools, core)
  const started = { lane: strandOf(lane, parent), tool, args, secret, attempt: lane.goesThrough() }
  const loop = core.loops?.announce(started)
  if (loop === undefined) return
  await core.halt(loop)
  throw loop
}
