import type { Bench } from '../support/bench.ts'
import { measureSse } from '../support/measure-sse.ts'
import { openaiWire } from '../support/openai-wire.ts'

/** A chunk of a stream through a guarded client, against a bare one. */
export const bench: Bench = {
  unit: 'us/chunk',
  better: 'lower',
  goal: 1.35,
  run: () => measureSse(openaiWire),
}
