import { describe, expect, test } from 'vitest'
import { ConfigError } from '../errors/config-error.ts'
import { checkRunOptions } from './run-options.ts'

describe('the options of a run', () => {
  test.each<[string, object]>([
    ['an id with half a surrogate pair', { id: 'x\ud800' }],
    ['an empty id', { id: '' }],
    ['an id that is no text', { id: 5 }],
    ['a thread that is no text', { thread: {} }],
    ['a name that is no text', { name: null }],
    ['one tag instead of a list', { tags: 'vip' }],
    ['a tag that is no text', { tags: [undefined] }],
    ['no time to lie idle', { idleMs: Number.NaN }],
  ])('with %s are a ConfigError', (_, options) => {
    expect(() => checkRunOptions(options)).toThrow(ConfigError)
  })

  test('may have any well-formed text', () => {
    expect(() => checkRunOptions({ id: 'x😀', name: 'a', thread: 't', tags: ['vip'] })).not.toThrow()
  })
})
