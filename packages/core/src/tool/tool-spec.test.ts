import { describe, expect, test, vi } from 'vitest'
import { ConfigError } from '../errors/config-error.ts'
import { toolSpec } from './tool-spec.ts'

const BODY = { name: 'charge', execute: () => 'done' }

describe('a definition', () => {
  test.each<[string, object, RegExp]>([
    ['with a compensation that is neither', { ...BODY, compensate: 5 }, /a function, or the name of a tool/],
    ['of a read that would be undone', { ...BODY, effect: 'read', compensate: () => 1 }, /a read has nothing/],
    ['of a read that would be approved', { ...BODY, effect: 'read', approval: true }, /make it a write/],
    ['with an approval that nobody can read', { ...BODY, approval: 'always' }, /`approval` is always/],
    ['with a misspelt approval', { ...BODY, approval: { expires: 5 } }, /no option 'expires'/],
    ['with covers and nothing that covers', { ...BODY, covers: 'inner' }, /there is none/],
    ['with another cover', { ...BODY, compensate: () => 1, covers: 'outer' }, /the only choice is 'inner'/],
    ['with keep and nothing to keep it for', { ...BODY, keep: () => 1 }, /`keep` is for `compensate`/],
    ['with a misspelt record', { ...BODY, record: 'none' }, /must be one of full, redacted, hash/],
    ['as a hash, to be undone by nothing', { ...BODY, record: 'hash', compensate: () => 1 }, /needs `keep`/],
    [
      'as a hash, to be undone by a tool of that name',
      { ...BODY, record: 'hash', compensate: 'refund', keep: () => 1 },
      /the arguments are dropped/,
    ],
    [
      'as a hash, for later callers',
      { ...BODY, record: 'hash', once: 'ledger', key: () => 1 },
      /could not be answered/,
    ],
    ['with a misspelt scope', { ...BODY, retry: { scope: 'saga' } }, /`retry.scope` is 'saga'/],
    ['without a name', { execute: () => 1 }, /needs a name/],
    ['with an empty name', { ...BODY, name: '' }, /needs a name/],
    ['without a body', { name: 'charge' }, /neither execute nor commit/],
    ['with two ways to make a key', { ...BODY, key: () => 1, keys: ['a'] }, /exclude each other/],
    ['with no keys in `keys`', { ...BODY, keys: [] }, /every call would be the same effect/],
    ['once per ledger without a key', { ...BODY, once: 'ledger' }, /needs key, keys or resource/],
    ['once per thread without a key', { ...BODY, once: 'thread' }, /needs key, keys or resource/],
    ['with no attempts', { ...BODY, retry: { attempts: 0 } }, /retry\.attempts/],
    ['with half an attempt', { ...BODY, retry: { attempts: 1.5 } }, /retry\.attempts/],
    ['with no time', { ...BODY, timeoutMs: 0 }, /timeoutMs/],
    ['with no lease', { ...BODY, leaseMs: -1 }, /leaseMs/],
    ['with a lease that is no number', { ...BODY, leaseMs: Number.NaN }, /leaseMs/],
    ['of a read with a commit', { ...BODY, effect: 'read', commit: () => undefined }, /nothing to commit/],
    [
      'with a commit that an outage would skip',
      { ...BODY, commit: () => 1, onOutage: 'allow' },
      /rows are written there/,
    ],
    ['with a word of effect that there is not', { ...BODY, effect: 'raed' }, /`effect` is 'raed'.*write, read/],
    ['with a word of once that there is not', { ...BODY, once: 'runs' }, /`once` is 'runs'/],
    ['with a word of onUnknown that there is not', { ...BODY, onUnknown: 'Retry' }, /halt, retry or a function/],
    ['with a word of onOutage that there is not', { ...BODY, onOutage: 'alow' }, /`onOutage` is 'alow'/],
    ['with a misspelt way to wait', { ...BODY, wait: { timeout: 5 } }, /no option 'timeout'/],
    ['with a wait that is no number', { ...BODY, wait: { timeoutMs: Number.NaN } }, /timeoutMs must be a number/],
    ['with a misspelt delay', { ...BODY, retry: { backoff: { initial: 5 } } }, /no option 'initial'/],
    ['of a read that is once', { ...BODY, effect: 'read', once: 'ledger', keys: ['a'] }, /has no meaning/],
  ])('%s is a ConfigError that names the tool', (_, definition, message) => {
    expect(() => toolSpec(definition)).toThrow(ConfigError)
    expect(() => toolSpec(definition)).toThrow(message)
  })

  test('is given its defaults', () => {
    expect(toolSpec(BODY)).toMatchObject({
      effect: 'write',
      classified: false,
      once: 'run',
      repeatable: false,
      onUnknown: 'halt',
      attempts: 1,
      timeoutMs: 600_000,
      leaseMs: 60_000,
      downstreamKeyTtlMs: 82_800_000,
      onOutage: 'block',
    })
  })

  test('calls its members on itself', () => {
    class Payment {
      readonly account = 'a-1'
      execute() {
        return this.account
      }
      key() {
        return this.account
      }
      certainty() {
        return this.account === 'a-1' ? ('in_doubt' as const) : undefined
      }
    }
    const spec = toolSpec<unknown, unknown>(new Payment())
    const { execute, key, certainty } = spec
    expect([execute?.({}, vi.fn() as never), key?.({}), certainty?.(new Error('x'))]).toEqual([
      'a-1',
      'a-1',
      'in_doubt',
    ])
    expect(spec.name).toBe('Payment')
  })
})
