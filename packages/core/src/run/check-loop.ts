import type { Place } from '../effect/perform.ts'
import { ConfigError } from '../errors/config-error.ts'
import { strandOf } from '../lane/strand-of.ts'
import { argumentText } from '../util/argument-text.ts'
import { hidesArguments } from './hides-arguments.ts'
import type { RunCore } from './run-core.ts'

/** Counts a call that is made elsewhere. Throws `LoopDetectedError`, and halts the run, where it is one too many. */
export async function checkLoop(core: RunCore, { lane, parent }: Place, tool: string, given: unknown): Promise<void> {
  if (typeof tool !== 'string' || tool === '')
    throw new ConfigError("run.checkLoop needs the tool's name: run.checkLoop('search', args). Nothing was counted.")
  core.assertOpen(parent)
  const args = argumentText(given)
  if (args === undefined) return
  const secret = hidesArguments(tool, core.context.tools, core)
  const started = { lane: strandOf(lane, parent), tool, args, secret, attempt: lane.goesThrough() }
  const announced = core.loops?.announce(started)
  const loop = announced?.loop()
  if (loop !== undefined) {
    await core.halt(loop)
    throw loop
  }
  // Whoever does not wait for one before announcing the next makes them side by side: these are one call.
  await undefined
  announced?.told()
}
