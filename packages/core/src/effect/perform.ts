import { ConfigError } from '../errors/config-error.ts'
import { DivergenceError } from '../errors/divergence-error.ts'
import type { Lane } from '../lane/lane.ts'
import type { LiveBody } from '../lane/live-body.ts'
import type { RunScope } from '../lane/run-scope.ts'
import { stoppedByOutage } from '../lane/stopped-by-outage.ts'
import { validate } from '../tool/standard-schema.ts'
import type { PerformOptions } from '../tool/tool.ts'
import { TOOL_SPEC } from '../tool/tool.ts'
import type { ToolSpec } from '../tool/tool-spec.ts'
import { argumentText } from '../util/argument-text.ts'
import { type Invocation, type Outcome, release } from './invocation.ts'
import { join } from './join.ts'
import { type KeyedEffect, keyedEffect } from './keyed-effect.ts'
import { lead } from './lead.ts'
import { performRead } from './read.ts'
import { serve } from './serve.ts'
import { performUnprotected } from './unprotected.ts'
import { haltedBy, refusedWith, tellAnswer, tellServed, tellThrown, watch } from './watch.ts'

/** Where a tool is called: the run, the lane and, inside another effect, its body. */
export interface Place {
  readonly run: RunScope
  readonly lane: Lane
  readonly parent: LiveBody | null
  /** The parallel group of a saga that what is called here is a member of. @default null */
  readonly group?: number | null
}

/**
 * Performs a tool as an effect of the run: at most once per key and generation, joined by whoever asks for the same
 * meanwhile, answered from the record on resume.
 */
export async function perform(
  place: Place,
  tool: ToolSpec<unknown, unknown>,
  input: unknown,
  options?: PerformOptions,
): Promise<unknown> {
  place.run.assertOpen(place.parent)
  const done = place.run.track()
  // In flight from before the first verb: what others ask meanwhile shares its transaction.
  const leave = place.run.outage === undefined ? place.run.context.store.enter() : undefined
  try {
    const outcome = await outcomeOf(await invocationOf(place, tool, input, options))
    if (outcome.effect !== null) place.run.tools.remember(tool, outcome.effect)
    return release(outcome)
  } finally {
    leave?.()
    done()
  }
}

/** Checks the arguments, makes the key and finds the lane's record of it; nothing is written. */
export async function invocationOf(
  place: Place,
  tool: ToolSpec<unknown, unknown>,
  input: unknown,
  options: PerformOptions | undefined,
): Promise<Invocation> {
  assertCompensable(place.run, tool)
  place.run.tools.see(tool)
  const { run, lane, group = null } = place
  const began = { since: run.loops?.answers ?? 0, attempt: lane.goesThrough() }
  let args = input
  let keyed: KeyedEffect
  try {
    // Nothing is waited for without a schema: calls are numbered in the order in which they are made.
    if (tool.inputSchema !== undefined) args = await validate(tool.inputSchema, input, tool.name)
    keyed = keyedEffect(tool, args, options, run, lane)
  } catch (error) {
    throw await refusedWith({ ...place, tool }, input, error, began)
  }
  const recorded = lane.takeAnswer(keyed.keys)
  const wasClaimed = lane.reach(keyed.keys)
  // Counted also where the record answers: the n-th read of a resumed lane is the n-th.
  const readNumber = tool.effect === 'read' ? lane.nextRead(keyed.keys) : 0
  const raw = () => (tool.inputSchema === undefined ? keyed.argsText : argumentText(input))
  const watched = watch({ ...place, tool }, { args: keyed.argsText, raw, attempt: began.attempt })
  const answersBefore = lane.answers
  return { ...place, group, tool, args, options, keyed, recorded, wasClaimed, readNumber, answersBefore, watched }
}

/** A name that cannot be called would be found out when it is too late: when the effect is to be undone. */
function assertCompensable({ tools, context }: RunScope, { name, compensate }: ToolSpec<unknown, unknown>): void {
  if (typeof compensate !== 'string') return
  const known = [tools.find(compensate), context.tools.get(compensate)?.[TOOL_SPEC]].filter((one) => one !== undefined)
  if (known.length === 0)
    throw new ConfigError(
      `tool '${name}' is compensated by the tool '${compensate}', which this ledger does not know. Nothing was started. Register it: createLedger({ tools: [...] }).`,
    )
  if (known.some(({ approval }) => approval !== undefined))
    throw new ConfigError(
      `tool '${name}' is compensated by the tool '${compensate}', which needs an approval, and a compensation asks nobody. Nothing was started. Name a tool without \`approval\`.`,
    )
}

async function outcomeOf(invocation: Invocation): Promise<Outcome> {
  const { run, recorded } = invocation
  if (recorded !== undefined) {
    const served = await stoppedByOutage(run, serve(invocation, recorded))
    if (served !== undefined) {
      await tellServed(invocation, recorded, served)
      return served
    }
  }
  if (run.mode === 'records') throw notOnRecord(invocation)
  try {
    const outcome = await live(invocation)
    tellAnswer(invocation, outcome)
    return outcome
  } catch (error) {
    tellThrown(invocation, error)
    throw error
  }
}

async function live(invocation: Invocation): Promise<Outcome> {
  const { run, tool, watched } = invocation
  const loop = watched?.loop()
  if (loop !== undefined) throw await haltedBy(loop, run)
  if (run.outage !== undefined) return performUnprotected(invocation, run.outage)
  if (tool.effect === 'read') return performRead(invocation)
  const alive = run.bodies.get(bodyName(invocation))
  if (alive === undefined) return await lead(invocation, bodyName(invocation))
  return (await join(invocation, alive)) ?? live(invocation)
}

function bodyName(invocation: Invocation): string {
  return invocation.keyed.keys[0].toString('latin1')
}

function notOnRecord({ run, lane, tool, args }: Invocation): DivergenceError {
  return new DivergenceError({
    runId: run.id,
    path: `tool ${tool.name}`,
    expected: 'nothing: the run is completed, and its record has no such effect here',
    actual: args,
    position: lane.callsSeen,
  })
}
