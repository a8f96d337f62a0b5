import type { Bench } from '../support/bench.ts'
import { measureJson } from '../support/measure-json.ts'
import { openaiWire } from '../support/openai-wire.ts'

/** A guarded request against a bare one: small, large, and over a socket. */
export const bench: Bench = {
  unit: 'us/request',
  better: 'lower',
  goal: 1,
  run: () => measureJson(openaiWire),
}
