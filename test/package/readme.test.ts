import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..', '..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const readmes = globSync(['README.md', 'packages/*/README.md'], { cwd: root })
const examples = globSync('examples/*/src/**/*.ts', { cwd: root }).map(read)

test.each(readmes)('every program of %s is a file under examples', (path) => {
  const programs = [...read(path).matchAll(/```ts\n(.*?)```/gs)].map(([, program]) => program)
  expect(programs.filter((program) => !examples.includes(program ?? ''))).toEqual([])
})
