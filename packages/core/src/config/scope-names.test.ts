import { describe, expect, test } from 'vitest'
import { ConfigError } from '../errors/config-error.ts'
import { checkScopeName, checkScopePattern } from './scope-names.ts'

describe('a scope', () => {
  test.each(['user:ann', 'user:*', 'ledger', 'run:*', 'thread:a b', 'tenant'])('may have limits as %s', (pattern) => {
    expect(() => checkScopePattern('scopes', pattern)).not.toThrow()
  })

  test.each([['', '*', '*:ann', 'user:*:eu', 'user:**', 'x\ud800', 5, null]].flat())('may not as %j', (pattern) => {
    expect(() => checkScopePattern('scopes', pattern)).toThrow(ConfigError)
  })

  test.each(['user:ann', 'org:acme', 'thread:t1', 'tenant'])('may be named by a run as %s', (name) => {
    expect(() => checkScopeName('scopes', name)).not.toThrow()
  })

  test.each(['user:*', 'ledger', 'run:r1', 'session:s', 'loose:s', '', 7])(
    'may not be named by a run as %j',
    (name) => {
      expect(() => checkScopeName('scopes', name)).toThrow(ConfigError)
    },
  )
})
