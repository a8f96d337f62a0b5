import { expect, test } from 'vitest'
import { checkCycles } from './check-cycles.ts'
import { checkLayering } from './check-layering.ts'
import { type ParsedSource, parseSource } from './parsed-source.ts'

const core = (path: string, text: string): ParsedSource => parseSource(`packages/core/src/${path}`, text)
const store = core('store/store.ts', "import type { Row } from './records.ts'")

test.each([
  ['util/ids.ts', "import { usd } from '../usd.ts'", 'util may not import usd'],
  ['errors/config-error.ts', "import type { Store } from '../store/store.ts'", 'errors may not import contract'],
  ['codec/value-codec.ts', "import { usd } from '../usd.ts'", 'codec may not import usd'],
  ['store/records.ts', "import type { Tool } from '../tool/tool.ts'", 'contract may not import tool'],
  ['store/records.ts', "import { usd } from '../usd.ts'", 'the store contract imports types only'],
  ['tool/tool.ts', "type Run = import('../run/run.ts').Run", 'tool may not import run'],
  ['store/sqlite/claim.ts', "import { key } from '../../effect/key.ts'", 'store may not import effect'],
  ['effect/claim.ts', "export { ask } from '../approval/ask.ts'", 'effect may not import approval'],
  ['effect/claim.ts', "import { open } from '../store/sqlite/open.ts'", 'effect may not import store'],
  ['call/call.ts', "const load = () => import('../run/run.ts')", 'call may not import run'],
  ['run/run.ts', "import { sqlite } from '../store/sqlite/sqlite.ts'", 'run may not import store'],
  ['run/run.ts', "import { createLedger } from '../ledger.ts'", 'run may not import ledger.ts'],
  ['helpers/any.ts', '', '"helpers" is no layer'],
])('%s with %s: %s', (path, text, message) => {
  const violations = checkLayering([store, core('store/records.ts', ''), core(path, text)])
  expect(violations).toHaveLength(1)
  expect(violations[0]).toContain(message)
})

test.each([
  ['ledger.ts', "import { sqlite } from './store/sqlite/sqlite.ts'"],
  ['index.ts', "export { run } from './run/run.ts'"],
  ['run/run.ts', "import { claim } from '../effect/claim.ts'; import type { Row } from '../store/records.ts'"],
  ['effect/claim.ts', "import type { Store } from '../store/store.ts'; import { key } from './key.ts'"],
  ['store/sqlite/claim.ts', "import type { Row } from '../records.ts'; import { sql } from './sql.ts'"],
  ['store/batch.ts', "import Database from 'better-sqlite3'"],
])('%s may have %s', (path, text) => {
  expect(checkLayering([store, core('store/records.ts', ''), core(path, text)])).toEqual([])
})

test('a cycle of loaded modules is found, of any length', () => {
  const ring = [
    core('run/a.ts', "import { b } from './b.ts'"),
    core('run/b.ts', "export { c } from './c.ts'"),
    core('run/c.ts', "import { type A } from './a.ts'"),
  ]
  expect(checkCycles(ring)).toHaveLength(1)
  expect(checkCycles([core('run/self.ts', "import './self.ts'")])).toHaveLength(1)
})

test('type-only and lazy imports close no cycle', () => {
  const ring = [
    core('run/a.ts', "import { b } from './b.ts'"),
    core('run/b.ts', "import type { A } from './a.ts'; const load = () => import('./a.ts')"),
  ]
  expect(checkCycles(ring)).toEqual([])
})
