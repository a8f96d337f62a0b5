import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { documentedEndpoints } from './testing/documented-endpoints.ts'

const page = join(import.meta.dirname, '../../../../docs/adapters/endpoints.md')

test('the page of endpoints lists every row of every table, and none that is not there', () => {
  const text = readFileSync(page, 'utf8')
  expect(text.slice(text.indexOf('\n## ') + 1)).toBe(documentedEndpoints())
})
