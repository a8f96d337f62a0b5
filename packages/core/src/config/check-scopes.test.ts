import { describe, expect, test } from 'vitest'
import { ConfigError } from '../errors/config-error.ts'
import { checkScopes } from './check-scopes.ts'

describe('the scopes of a ledger', () => {
  test.each<[string, object, RegExp]>([
    ['a wrong limit', { 'user:*': { budget: 2 } }, /scopes\['user:\*'\].*usd\(2\)/],
    ['a time for a user', { 'user:*': { wallMs: 5 } }, /wallMs/],
    ['loops of a user', { 'user:*': { loop: false } }, /`loop` is for runs/],
    ['loops of all runs', { 'run:*': { loop: false } }, /`loop` is for runs/],
    ['a session', { 'session:s': {} }, /createLedger\(\{ limits \}\)/],
    ['calls outside of runs', { 'loose:s': {} }, /HOLDFAST_BUDGET/],
    ['a function for runs', { 'run:*': () => ({}) }, /nobody would ask/],
    ['a function for the ledger', { ledger: () => ({}) }, /nobody would ask/],
    ['a number', { 'user:*': 5 }, /an object, not 5/],
  ])('with %s are a ConfigError', (_, scopes, message) => {
    expect(() => checkScopes('createLedger: scopes', scopes as never)).toThrow(ConfigError)
    expect(() => checkScopes('createLedger: scopes', scopes as never)).toThrow(message)
  })

  test('may give all runs a time', () => {
    expect(() => checkScopes('scopes', { 'run:*': { wallMs: 60_000 } })).not.toThrow()
  })
})
