import { expect, test } from 'vitest'
import { ConfigError } from '../errors/config-error.ts'
import { sqliteUrl, storeFromUrl } from './store-from-url.ts'

test.each([
  ['/data/a b%.db', '/data/a b%.db'],
  ['./rel?.db', './rel?.db'],
  ['//data/x.db', '/data/x.db'],
])('the URL of the file %s names that file', (path, location) => {
  expect(storeFromUrl(sqliteUrl(path)).location).toBe(location)
})

test('a URL with a % that begins no escape is refused with what to write', () => {
  expect(() => storeFromUrl('sqlite:./100%.db')).toThrow(ConfigError)
  expect(() => storeFromUrl('sqlite:./100%.db')).toThrow('%25')
  expect(storeFromUrl('sqlite:./100%25.db').location).toBe('./100%.db')
})
