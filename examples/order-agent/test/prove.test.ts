import { afterEach, expect, it, vi } from 'vitest'
import { prove } from '../src/demo/screen.ts'

afterEach(() => vi.restoreAllMocks())

it('does not print a claim that is not true', () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  expect(() => prove('one charge', { 'there was a charge': true, 'it was one': false })).toThrow(
    'Not true: it was one.',
  )
  expect(log).not.toHaveBeenCalled()
  prove('one charge', { 'there was a charge': true })
  expect(log).toHaveBeenCalledWith(expect.stringContaining('one charge'))
})
