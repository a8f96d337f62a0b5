import {
  type AnyTool,
  ApprovalDeniedError,
  currentRun,
  EffectFailedError,
  HoldfastError,
  InvalidArgumentsError,
  NoRunError,
  NotAppliedError,
  type Run,
  RunFailedError,
  TurnLimitError,
} from 'holdfast'
import { bounded, failureText, resultText } from './answer-text.ts'
import { askedArguments } from './asked-arguments.ts'
import type { AskedCall, CallAnswer } from './conversation.ts'

/** Of ours, what a model can act on. Everything else of ours is for its program: it stops the loop. */
const FOR_MODELS: ReadonlySet<string> = new Set([
  EffectFailedError.code,
  InvalidArgumentsError.code,
  ApprovalDeniedError.code,
  NotAppliedError.code,
  RunFailedError.code,
  TurnLimitError.code,
])

/** A model may ask for anything. */
const MAX_NAME = 100

/** Who calls the tools that a model asks for. */
export interface Caller {
  readonly tools: ReadonlyMap<string, AnyTool>
  /** Undefined: the run that the caller is in, if any. */
  readonly run: Run | undefined
  readonly maxResultChars: number
}

/**
 * Makes the calls of one turn, side by side. All have ended when it answers, and also when it throws what no model is told:
 * what stopped the run, or waits for a human.
 */
export async function performCalls(calls: readonly AskedCall[], caller: Caller): Promise<readonly CallAnswer[]> {
  const run = caller.run ?? runInEffect()
  const settled = await Promise.allSettled(calls.map((call) => performCall(call, caller, run)))
  const thrown = settled.find((one) => one.status === 'rejected')
  if (thrown !== undefined) throw run?.error ?? thrown.reason
  const answers = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  return run === undefined ? answers : withAdvice(answers, run)
}

async function performCall(call: AskedCall, caller: Caller, run: Run | undefined): Promise<CallAnswer> {
  const tool = caller.tools.get(call.name)
  if (tool === undefined) return failed(call, unknownTool(call, caller))
  const asked = askedArguments(call)
  if ('problem' in asked) return failed(call, asked.problem)
  try {
    const result: unknown = await (run === undefined ? tool(asked.args) : run.perform(tool, asked.args))
    return { call, text: bounded(resultText(result), caller.maxResultChars), failed: false }
  } catch (error) {
    if (!isForModels(error, run)) throw error
    return failed(call, bounded(failureText(error), caller.maxResultChars))
  }
}

/** What a body throws while its run is being stopped says nothing of what it was asked. */
function isForModels(error: unknown, run: Run | undefined): boolean {
  if (run !== undefined && (run.error !== undefined || run.signal.aborted)) return false
  return !HoldfastError.isInstance(error) || FOR_MODELS.has(error.code)
}

function failed(call: AskedCall, text: string): CallAnswer {
  return { call, text, failed: true }
}

function unknownTool({ name }: AskedCall, { tools }: Caller): string {
  return `There is no tool "${name.slice(0, MAX_NAME)}". Nothing was run. The tools are: ${[...tools.keys()].join(', ') || 'none'}.`
}

/**
 * Ends the last answer of each tool with what is to be said about calling it again and again. When all have ended, and in
 * their order: whichever ends first, a resumed run sends the same.
 */
function withAdvice(answers: readonly CallAnswer[], run: Run): readonly CallAnswer[] {
  const advised = [...answers]
  const lastOf = new Map(answers.map(({ call }, index) => [call.name, index]))
  for (const [name, index] of lastOf) {
    const advice = run.loops.takeAdvice(name)
    const answer = answers[index]
    if (advice !== undefined && answer !== undefined)
      advised[index] = { ...answer, text: `${answer.text}\n\n${advice}` }
  }
  return advised
}

function runInEffect(): Run | undefined {
  try {
    return currentRun()
  } catch (error) {
    if (NoRunError.isInstance(error)) return undefined
    throw error
  }
}
