import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const MAIN = join(import.meta.dirname, '..', 'src', 'main.ts')

it('leaves no plain text in its files, reads both keys, and does nothing again without the old one', () => {
  const args = ['--conditions=@holdfast/source', MAIN]
  const lines = execFileSync(process.execPath, args, { encoding: 'utf8' }).trimEnd().split('\n')
  expect(lines.slice(0, 7)).toEqual([
    '  collecting',
    '  collecting',
    'the account in the files: found without a codec, not found with one',
    'both keys, order-1: collected from DE02120300000000202051',
    '  collecting',
    'both keys, order-2: collected from DE02120300000000202051',
    'new key, order-2: collected from DE02120300000000202051',
  ])
  expect(lines.slice(7)).toEqual([expect.stringMatching(/^new key, order-1: .*ConfigError.*'key-2025'/)])
})
