import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { estimateRequest } from '../../../packages/core/dist/estimate/estimate-request.js'
import { TokenCounter } from '../../../packages/core/dist/estimate/token-counter.js'
import type { Bench } from '../support/bench.ts'
import { timed } from '../support/rounds.ts'

const ROUNDS = 4
const REQUESTS = 3
const BYTES = 100_000
const TENFOLD = 10

/** A tenth of each input and all of it, as text of a message, or as an image of one. */
const INPUTS: Readonly<Record<string, (times: number) => unknown>> = {
  letters: (times) => flat('a'.repeat(10_000 * times)),
  chinese: (times) => flat('中'.repeat(3_300 * times)),
  spaces: (times) => flat(' '.repeat(10_000 * times)),
  base64: (times) => base64Of(BYTES * times),
  image: (times) => [{ type: 'image_url', image_url: { url: `data:image/png;base64,${base64Of(BYTES * times)}` } }],
}

/** 100,000 letters, 33,000 Chinese ones, 100,000 spaces, 1 MB of base64: each against a tenth of it; the worst of all. */
export const bench: Bench = {
  unit: 'us/request',
  better: 'lower',
  goal: 12,
  async run() {
    const counts: Record<string, number> = { rounds: ROUNDS }
    let worst = { ours: 0, reference: 0, value: 0 }
    for (const [name, contentOf] of Object.entries(INPUTS)) {
      for (const path of ['bounded', 'counted'] as const) {
        const [reference, ours] = [await figureOf(path, contentOf, 1), await figureOf(path, contentOf, TENFOLD)]
        counts[`${name} ${path}`] = ours
        counts[`${name} ${path} ratio`] = ours / reference
        if (ours / reference > worst.value) worst = { ours, reference, value: ours / reference }
      }
    }
    return { ...worst, counts }
  },
}

async function figureOf(
  path: 'bounded' | 'counted',
  contentOf: (times: number) => unknown,
  times: number,
): Promise<number> {
  const figures: number[] = []
  for (let round = 0; round <= ROUNDS; round++) {
    // Each counter has counted nothing yet.
    const requests = Array.from({ length: REQUESTS }, () => ({
      asked: askedOf(contentOf(times)),
      counter: path === 'counted' ? new TokenCounter() : undefined,
    }))
    globalThis.gc?.()
    const figure = await timed(REQUESTS, async () => {
      for (const { asked, counter } of requests) {
        const estimate = estimateRequest(asked)
        assert.ok(estimate.bounded)
        await counter?.tighten(asked, estimate)
      }
    })
    if (round > 0) figures.push(figure)
  }
  // The round that was disturbed least: what is left is the work itself.
  return Math.min(...figures)
}

function askedOf(content: unknown) {
  return { provider: 'openai', model: 'gpt-5', request: { model: 'gpt-5', messages: [{ role: 'user', content }] } }
}

/** As it comes from the wire: `repeat` only notes what is to be repeated. */
function flat(text: string): string {
  return Buffer.from(text).toString()
}

let nonce = 0

/** Looks like an image: no two are alike. */
function base64Of(length: number): string {
  const blocks = Array.from({ length: Math.ceil(length / 44) }, () =>
    createHash('sha256').update(`${nonce++}`).digest('base64'),
  )
  return flat(blocks.join('').replaceAll('=', 'A').slice(0, length))
}
