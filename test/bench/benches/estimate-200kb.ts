import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { hash } from 'node:crypto'
import { estimateRequest } from '../../../packages/core/dist/estimate/estimate-request.js'
import type { Bench } from '../support/bench.ts'
import { requestOf, turnOf } from '../support/requests.ts'
import { mediansOf, timed } from '../support/rounds.ts'

const ROUNDS = 31
const REQUESTS = 20
const WARM_UP = 3
const BYTES = 200_000
/** Microseconds above the hash. */
const ALLOWED = { ascii: 60, chinese: 150 }

/** The estimate of a request of 200 kB whose JSON is at hand, against the SHA-256 of the same bytes. */
export const bench: Bench = {
  unit: 'us/request',
  better: 'lower',
  goal: 1,
  async run() {
    const ascii = asked('ascii', 1_700)
    const chinese = asked('chinese', 620)
    const { asciiHash, asciiEstimate, chineseHash, chineseEstimate } = await mediansOf(ROUNDS, {
      asciiHash: () => warmly(() => hash('sha256', ascii.bytes)),
      asciiEstimate: () => warmly(() => estimateRequest(ascii)),
      chineseHash: () => warmly(() => hash('sha256', chinese.bytes)),
      chineseEstimate: () => warmly(() => estimateRequest(chinese)),
    })
    const used = [(asciiEstimate - asciiHash) / ALLOWED.ascii, (chineseEstimate - chineseHash) / ALLOWED.chinese]
    return {
      ours: asciiEstimate,
      reference: asciiHash,
      // The part of what is allowed that is used.
      value: Math.max(...used),
      counts: { bytes: ascii.bytes.length, chineseBytes: chinese.bytes.length, chineseEstimate, chineseHash },
    }
  },
}

function asked(language: 'ascii' | 'chinese', length: number) {
  const request = requestOf(Array.from({ length: 98 }, (_, turn) => turnOf(turn, length, language)).flat())
  const body = JSON.stringify(request)
  const bytes = Buffer.from(body)
  assert.ok(bytes.length > BYTES && bytes.length < BYTES * 1.1, `${language}: ${bytes.length} bytes`)
  return { provider: 'openai', model: request.model, request, body, bytes }
}

/** After a collection, V8 has to compile regular expressions again: that is not what is measured. */
function warmly(work: () => unknown): Promise<number> {
  for (let n = 0; n < WARM_UP; n++) work()
  return timed(REQUESTS, () => {
    for (let n = 0; n < REQUESTS; n++) work()
  })
}
