import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Lane } from '../lane/lane.ts'
import type { RunScope } from '../lane/run-scope.ts'
import type { PerformOptions } from '../tool/tool.ts'
import { toolSpec } from '../tool/tool-spec.ts'
import { canonicalJson } from './canonical-json.ts'
import { type KeyedEffect, keyedEffect } from './keyed-effect.ts'

/** Few and alike, so that equal ones and near misses meet. */
const names = fc.constantFrom('a', 'b', 'a|b', 'run:a', '1:a', '')
const scalars = fc.constantFrom(null, 0, 1, '1', '', true, 'true', '\u00e9', 'e\u0301', '\ud83d\ude00')
const values = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 2 }, scalars, fc.array(tie('value'), { maxLength: 2 }), tie('object')),
  object: fc.dictionary(names, tie('value'), { maxKeys: 3 }),
}))
const args = fc.oneof(fc.constant(undefined), values.value)
const options = fc.oneof(
  fc.constant(undefined),
  fc.record({ key: values.value }),
  fc.record({ resource: fc.record({ namespace: names, type: names, id: names }) }),
)
const invocation = fc.record({
  run: fc.constantFrom('a', 'a|b', 'a|b|a', '1:a'),
  thread: fc.constantFrom('a', 'a|b'),
  tool: fc.constantFrom('a', 'b', 'b|a', 'a|b', '1:b'),
  once: fc.constantFrom('run', 'thread', 'ledger'),
  args,
  options,
})
type Invoked = typeof invocation extends fc.Arbitrary<infer Value> ? Value : never

describe('the key of an invocation', () => {
  test('is shared by exactly those that mean the same deed', () => {
    fc.assert(
      fc.property(invocation, invocation, fc.constantFrom('args', 'names', 'all'), (one, other, differ) => {
        const changes = { args: { args: other.args }, names: { run: other.run, tool: other.tool }, all: other }
        const second = { ...one, ...changes[differ] }
        const [keyed, another] = [keyOf(one), keyOf(second)]
        expect(keyed.equals(another)).toBe(meaningOf(one) === meaningOf(second))
      }),
      { numRuns: 3_000, seed: 7 },
    )
  })

  test('tells no arguments from null', () => {
    expect(keyed({}, undefined).keys[0].equals(keyed({}, null).keys[0])).toBe(false)
  })

  test('counts the calls of a repeatable tool, each under a key of its own, and the same again in the next execution', () => {
    const keysOf = (lane: Lane) =>
      ['x', 'x', 'y', 'x'].map((note) => keyed({ repeatable: true }, { note }, undefined, lane).keys[0].toString('hex'))
    const first = keysOf(new Lane(''))
    expect(new Set(first).size).toBe(4)
    expect(keysOf(new Lane(''))).toEqual(first)
  })

  test('is made of the picked arguments in whatever order they are named, and of no other', () => {
    const key = (picked: string[], given: object) => keyed({ keys: picked }, given).keys[0].toString('hex')
    expect(key(['a', 'b'], { a: 1, b: 2, id: 'call_1' })).toBe(key(['b', 'a'], { b: 2, a: 1, id: 'call_2' }))
    expect(key(['a'], { a: 1, b: 2 })).not.toBe(key(['b'], { a: 2, b: 1 }))
  })

  test('is not made where a picked argument is missing: all calls without it would share one', () => {
    expect(() => keyed({ keys: ['order'] }, { orderId: 1 })).toThrow("'order' is missing")
  })

  test('comes with those of the tool’s former names, and with a hash of all arguments where it is not over them', () => {
    const renamed = keyed({ was: ['old'] }, { a: 1 })
    expect(renamed.keys).toHaveLength(2)
    expect(renamed.argsHash).toBeNull()
    const [one, other] = [keyed({ keys: ['a'] }, { a: 1, b: 1 }), keyed({ keys: ['a'] }, { a: 1, b: 2 })]
    expect(one.keys[0].equals(other.keys[0])).toBe(true)
    expect(one.argsHash?.equals(other.argsHash as Buffer)).toBe(false)
    expect([one.onOtherArgs, keyed({ key: () => 1 }, {}).onOtherArgs]).toEqual(['mark', 'conflict'])
  })
})

function keyOf({ tool, once, args, options, run, thread }: Invoked): Buffer {
  // Wider than a run needs a key of the caller; what it says is not what is tested here.
  const wide = once === 'run' ? {} : { once, key: (given: unknown) => [given ?? null] }
  return keyed({ ...wide, name: tool }, args, options as PerformOptions | undefined, new Lane(''), run, thread).keys[0]
}

/** The same in words of its own: owner, tool, and what of the invocation makes the key. */
function meaningOf({ run, thread, tool, once, args, options }: Invoked): string {
  const owner = once === 'run' ? ['run', run] : once === 'thread' ? ['thread', thread] : ['ledger']
  const own = once === 'run' ? ['args', args === undefined ? 'none' : ['some', args]] : ['custom', [args ?? null]]
  const part = options === undefined ? own : 'key' in options ? ['custom', options.key] : ['resource', options.resource]
  return canonicalJson([owner, tool, part])
}

function keyed(
  policy: object,
  given: unknown,
  options?: PerformOptions,
  lane: Lane = new Lane(''),
  id = 'run',
  thread = 'thread',
): KeyedEffect {
  const tool = toolSpec<unknown, unknown>({ name: 'tool', execute: () => undefined, ...policy })
  return keyedEffect(tool, given, options, { id, thread } as RunScope, lane)
}
