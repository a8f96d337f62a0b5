import { describe, expect, test } from 'vitest'
import { ConfigError } from '../errors/config-error.ts'
import { checkLoopOptions, LOOP_DEFAULTS, resolveLoop } from './loop-options.ts'

describe('options of the loop guard', () => {
  test.each([
    undefined,
    false,
    {},
    { repeats: 1, cycle: 4, sameResult: 100, windowMs: 0.5, advise: false, exempt: [], ignore: ['at'] },
    { repeats: 100, cycle: 1, sameResult: 2, ignoreVolatile: true },
  ])('may be %j', (options) => {
    expect(() => checkLoopOptions('limits: loop', options)).not.toThrow()
  })

  test.each([
    [true, 'limits: loop must be false or an object'],
    [null, 'limits: loop must be false or an object'],
    [['search'], 'limits: loop must be false or an object'],
    [{ repeat: 5 }, "there is no option 'repeat'"],
    [{ repeats: 0 }, 'limits: loop.repeats is 0; it must be an integer from 1 to 100'],
    [{ repeats: 101 }, 'loop.repeats is 101'],
    [{ repeats: 2.5 }, 'loop.repeats is 2.5'],
    [{ repeats: '5' }, "loop.repeats is '5'"],
    [{ cycle: 0 }, 'loop.cycle is 0; it must be an integer from 1 to 4'],
    [{ cycle: 5 }, 'loop.cycle is 5'],
    [{ sameResult: 1 }, 'loop.sameResult is 1; it must be an integer from 2 to 100'],
    [{ windowMs: 0 }, 'loop.windowMs is 0; it must be a number of milliseconds above 0'],
    [{ windowMs: Number.POSITIVE_INFINITY }, 'loop.windowMs is Infinity'],
    [{ advise: 'yes' }, "loop.advise is 'yes'; it must be true or false"],
    [{ ignoreVolatile: 1 }, 'loop.ignoreVolatile is 1'],
    [{ exempt: 'search' }, "loop.exempt is 'search'; it must be an array of texts"],
    [{ ignore: [5] }, 'loop.ignore is 5'],
  ])('are refused as %j', (options, message) => {
    const check = () => checkLoopOptions('limits: loop', options)
    expect(check).toThrow(ConfigError)
    expect(check).toThrow(message)
  })
})

describe('layers of options', () => {
  test('give the defaults where none says anything', () => {
    expect(resolveLoop()).toEqual(LOOP_DEFAULTS)
    expect(resolveLoop(undefined, {}, undefined)).toEqual(LOOP_DEFAULTS)
    expect(LOOP_DEFAULTS).toMatchObject({ repeats: 5, cycle: 4, advise: true, ignoreVolatile: false })
  })

  test('give each option by the most specific that has it', () => {
    const settings = resolveLoop(
      { repeats: 7, exempt: ['wait'] },
      { repeats: 3, windowMs: 1_000, exempt: ['poll'], advise: false },
      { repeats: 2, sameResult: 9, cycle: 1, ignore: ['at'], ignoreVolatile: true },
    )
    expect(settings).toEqual({
      repeats: 7,
      windowMs: 1_000,
      cycle: 1,
      sameResult: 9,
      advise: false,
      exempt: new Set(['wait']),
      ignore: new Set(['at']),
      ignoreVolatile: true,
    })
  })

  test('are switched off by the first word, and on again by a more specific one, which hears nothing from beyond', () => {
    expect(resolveLoop(undefined, false, { repeats: 3 })).toBe(false)
    expect(resolveLoop({ windowMs: 5 }, false, { repeats: 3 })).toEqual({ ...LOOP_DEFAULTS, windowMs: 5 })
    expect(resolveLoop({}, false)).toEqual(LOOP_DEFAULTS)
  })
})
