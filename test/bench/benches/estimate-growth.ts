import assert from 'node:assert/strict'
import { estimateRequest } from '../../../packages/core/dist/estimate/estimate-request.js'
import { TokenCounter } from '../../../packages/core/dist/estimate/token-counter.js'
import type { Bench } from '../support/bench.ts'
import { requestOf, turnOf } from '../support/requests.ts'
import { median } from '../support/rounds.ts'

const ROUNDS = 7
const TURNS = 200
const ANSWER = 2_000

/** Microseconds per turn of the first and of the second half. */
interface Halves {
  readonly first: number
  readonly second: number
}

/**
 * A conversation that grows to 200 turns: what bounding and counting it costs in the second hundred turns, against the
 * first hundred. `bound…` is without the count.
 */
export const bench: Bench = {
  unit: 'us/turn',
  better: 'lower',
  goal: 1.3,
  async run() {
    const counted = await rounds(new TokenCounter())
    const bounded = await rounds(undefined)
    return {
      ours: counted.second,
      reference: counted.first,
      value: counted.second / counted.first,
      counts: { rounds: ROUNDS, turns: TURNS, answer: ANSWER, boundFirst: bounded.first, boundSecond: bounded.second },
    }
  },
}

async function rounds(counter: TokenCounter | undefined): Promise<Halves> {
  const all: Halves[] = []
  for (let round = 0; round <= ROUNDS; round++) {
    globalThis.gc?.()
    // Other text in each round: what was counted once is known.
    const halves = await converse(round * TURNS, counter)
    if (round > 0) all.push(halves)
  }
  return { first: median(all.map(({ first }) => first)), second: median(all.map(({ second }) => second)) }
}

async function converse(seed: number, counter: TokenCounter | undefined): Promise<Halves> {
  const turns = Array.from({ length: TURNS }, (_, turn) => turnOf(seed + turn, ANSWER))
  const messages: object[] = []
  const spent = [0, 0]
  for (const [index, turn] of turns.entries()) {
    messages.push(...turn)
    const request = requestOf(messages)
    const started = performance.now()
    const asked = { provider: 'openai', model: request.model, request }
    const estimate = estimateRequest(asked)
    const tight = await counter?.tighten(asked, estimate)
    const half = index < TURNS / 2 ? 0 : 1
    spent[half] = (spent[half] ?? 0) + performance.now() - started
    if (tight) assert.ok(tight.textTokens < estimate.textTokens / 2, 'the count must have been worth it')
  }
  const [first = 0, second = 0] = spent.map((ms) => (ms * 1_000) / (TURNS / 2))
  return { first, second }
}
