import { globSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { type ParsedSource, parseSource } from './parsed-source.ts'

const root = join(import.meta.dirname, '..', '..')
const testFiles = /\.test(-d)?\.ts$|\/testing\//

/** Reads and parses every source file of every package; tests and their helpers are not sources. */
export function readSources(): ParsedSource[] {
  return globSync('packages/*/src/**/*.ts', { cwd: root })
    .map((path) => path.split(sep).join('/'))
    .filter((path) => !testFiles.test(path))
    .sort()
    .map((path) => parseSource(path, readFileSync(join(root, path), 'utf8')))
}
