import { expect, test } from 'vitest'
import { installedIsCurrent, matches } from './installed.mjs'

const zod = { version: '4.6.7', integrity: 'sha512-a' }

test('an install that holds what the lockfile asks for is current', () => {
  const wanted = { '': {}, 'packages/core': {}, 'node_modules/zod': zod }
  expect(matches(wanted, { 'node_modules/zod': zod })).toBe(true)
})

test.each([
  ['a missing package', {}],
  ['another version', { 'node_modules/zod': { ...zod, version: '4.6.6' } }],
  ['other bytes under the same version', { 'node_modules/zod': { ...zod, integrity: 'sha512-b' } }],
  ['a link where a package should be', { 'node_modules/zod': { ...zod, link: true } }],
])('%s makes an install stale', (_what, installed) => {
  expect(matches({ 'node_modules/zod': zod }, installed)).toBe(false)
})

test('an optional package of another platform may be missing', () => {
  expect(matches({ 'node_modules/darwin-only': { ...zod, optional: true } }, {})).toBe(true)
})

test('the install that runs this test is current', () => {
  expect(installedIsCurrent()).toBe(true)
})
