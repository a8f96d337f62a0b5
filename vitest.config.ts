import { globSync, readFileSync } from 'node:fs'
import { defineConfig, type TestProjectConfiguration } from 'vitest/config'

const soaking = process.env.HOLDFAST_SOAK === '1'
const unitTests = 'packages/*/src/**/*.test.ts'
const sourceConditions = ['@holdfast/source', 'node', 'import', 'module', 'default']

interface ProjectOptions {
  readonly include: readonly string[]
  readonly timeoutMs: number
  /** Projects of one group run side by side, groups one after another. */
  readonly group: number
}

/** The soak repeats properties only: what has no randomness in it gains nothing from more runs. */
function propertyTests(): string[] {
  return globSync(unitTests).filter((path) => readFileSync(path, 'utf8').includes("'fast-check'"))
}

function project(name: string, { include, timeoutMs, group }: ProjectOptions): TestProjectConfiguration {
  const limitMs = soaking ? 3_600_000 : timeoutMs
  return {
    // The condition makes `import 'holdfast'` read the sources, so that no test waits for a build.
    resolve: { conditions: sourceConditions },
    ssr: { resolve: { conditions: sourceConditions } },
    test: {
      name,
      include: [...include],
      setupFiles: soaking ? ['./test/soak/more-runs.ts'] : [],
      testTimeout: limitMs,
      hookTimeout: limitMs,
      sequence: { groupOrder: group },
    },
  }
}

const types: TestProjectConfiguration = {
  test: {
    name: 'types',
    include: [],
    typecheck: {
      enabled: true,
      only: true,
      include: ['packages/*/src/**/*.test-d.ts'],
      tsconfig: './tsconfig.check.json',
      // The type check of everything reports those.
      ignoreSourceErrors: true,
    },
  },
}

export default defineConfig({
  test: {
    projects: [
      types,
      project('unit', { include: soaking ? propertyTests() : [unitTests], timeoutMs: 30_000, group: 1 }),
      project('architecture', { include: ['test/architecture/**/*.test.ts'], timeoutMs: 30_000, group: 1 }),
      project('scripts', { include: ['scripts/**/*.test.mjs'], timeoutMs: 30_000, group: 1 }),
      project('package', { include: ['test/package/**/*.test.ts'], timeoutMs: 120_000, group: 2 }),
      project('examples', { include: ['examples/*/{src,test}/**/*.test.ts'], timeoutMs: 120_000, group: 3 }),
      project('seeds', { include: ['test/seeds/**/*.test.ts'], timeoutMs: 120_000, group: 3 }),
      project('wire', { include: ['test/wire/**/*.test.ts'], timeoutMs: 120_000, group: 3 }),
      // What kills and starves processes wants the machine to itself.
      project('races', { include: ['test/races/**/*.test.ts'], timeoutMs: 180_000, group: 4 }),
      project('crash', { include: ['test/crash/**/*.test.ts'], timeoutMs: 300_000, group: 5 }),
    ],
  },
})
