import { decodeValue, encodeValue } from '../codec/value-codec.ts'
import type { Place } from '../effect/perform.ts'
import { DivergenceError } from '../errors/divergence-error.ts'
import type { Lane } from '../lane/lane.ts'
import { laneOfWork } from '../lane/lane-of-work.ts'
import { VALUE_KEY } from '../lane/live-body.ts'
import { workWithin } from '../lane/work-within.ts'
import { sha256 } from '../util/hash.ts'

/** A value's key has its number in it. */
const ONLY = 1

/** `isLeaf`: nothing is called in it. */
interface ValueHow {
  readonly isLeaf?: boolean
}

/** Makes a value once per place in its lane and serves it on resume. Throws `NotSerializableError` if it cannot be kept. */
export async function recordedValue<T>(
  { run, lane, parent }: Place,
  name: string,
  make: () => T | Promise<T>,
  { isLeaf = false }: ValueHow = {},
): Promise<T> {
  run.assertOpen(parent)
  if (run.outage !== undefined) return make()
  // Numbered as they are asked for: values that are made at the same time end in any order.
  const key = sha256(`value:${lane.nextOrdinal(`value:${name}`)}:${name}`)
  const recorded = lane.takeAnswer([key])
  lane.reachWork(key, ONLY)
  lane.reach([])
  if (recorded?.kind === 'answer') {
    const body = await run.context.store.readAnswer(recorded.answer.id)
    if (body !== null) return decodeValue(body) as T
  }
  if (run.mode === 'records') {
    throw new DivergenceError({
      runId: run.id,
      path: `value ${name}`,
      expected: 'no such value',
      actual: name,
      position: lane.callsSeen,
    })
  }
  const inner = isLeaf ? lane : laneOfWork({ run, lane }, key, ONLY)
  return makeValue({ run, lane, parent }, { name, key, inner }, make)
}

async function makeValue<T>(
  { run, lane, parent }: Place,
  { inner, ...named }: { readonly name: string; readonly key: Buffer; readonly inner: Lane | Promise<Lane> },
  make: () => T | Promise<T>,
): Promise<T> {
  const done = run.track()
  const work = workWithin({ run, parent }, VALUE_KEY)
  try {
    const made = run.inLane(inner instanceof Promise ? await inner : inner, work, make)
    const body = encodeValue(await made, run.context.maxValueBytes)
    // What it made of a question to a human is not what it was to make: it is made again when the run goes on.
    if (work.heldUp === undefined)
      run.answers.add({ ...named, lane: lane.id, kind: 'value', effect: null, generation: 1, failed: false, body })
    return decodeValue(body) as T
  } finally {
    work.settle(undefined)
    done()
  }
}
