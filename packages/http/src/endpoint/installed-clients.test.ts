import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { endpointOf } from './endpoint-of.ts'

// What they cost is not documented: `unmetered` decides.
const UNDOCUMENTED = ['/audio/voices', '/content_provenance_checks']

// How the SDKs' resources name what they send, each in one call.
const SENT = /_client\.(post|put|patch)\((?:\(0, \w+\.path\) ?)?[`']([^`']+)[`']/g

/** Every path that an installed client sends something to, with `x` for its parameters. */
function sentPaths(specifier: string): readonly (readonly [method: string, path: string])[] {
  const root = dirname(fileURLToPath(import.meta.resolve(specifier)))
  const sources = globSync('resources/**/*.js', { cwd: root }).map((file) => readFileSync(join(root, file), 'utf8'))
  const sent = sources.flatMap((source) => [...source.matchAll(SENT)])
  return sent.map(([, method = '', path = '']) => [method, path.replaceAll(/\$\{[^}]*\}/g, 'x')])
}

test.each([
  ['openai', 'https://api.openai.com/v1', 80],
  ['openai-v6', 'https://api.openai.com/v1', 60],
  ['@anthropic-ai/sdk', 'https://api.anthropic.com', 60],
  ['@anthropic-ai/sdk-v0', 'https://api.anthropic.com', 30],
])('all that %s sends is known', (specifier, base, least) => {
  const paths = sentPaths(specifier)
  expect(paths.length).toBeGreaterThan(least)
  const unknown = paths.filter(([method, path]) => endpointOf({ method, url: base + path }).kind === 'unknown')
  expect(unknown.map(([, path]) => path).filter((path) => !UNDOCUMENTED.includes(path))).toEqual([])
})
