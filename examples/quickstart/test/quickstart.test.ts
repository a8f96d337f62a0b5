import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'

const MAIN = join(import.meta.dirname, '..', 'src', 'main.ts')
const directory = mkdtempSync(join(tmpdir(), 'quickstart-'))

afterAll(() => rmSync(directory, { recursive: true, force: true }))

it('charges once, although the order is run twice', () => {
  expect(run()).toMatch(/^charging 2500: hf_\S+\n$/)
})

it('charges nothing when the program is started again', () => {
  expect(run()).toBe('')
})

function run(): string {
  const args = ['--conditions=@holdfast/source', MAIN]
  return execFileSync(process.execPath, args, { cwd: directory, encoding: 'utf8' })
}
