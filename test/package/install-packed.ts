import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')
const core = join(root, 'packages', 'core')

/** A folder outside the workspace that has the packed package installed, as a user has it. */
export interface Consumer {
  readonly folder: string
  readonly tarball: string
}

/** Builds and packs packages/core and unpacks it into a fresh consumer, without the network. */
export function installPacked(): Consumer {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-consumer-'))
  execFileSync('tsc', ['--build', core], { cwd: root, stdio: 'inherit' })
  const packed = execFileSync('npm', ['pack', core, '--json', '--pack-destination', folder], { cwd: root })
  const tarball = join(folder, readFileName(packed))
  unpack(tarball, join(folder, 'node_modules', 'holdfast'))
  for (const dependency of dependencies()) link(dependency, folder)
  link('@types/node', folder)
  // What @types/node itself needs; nothing else is in reach, so a declaration that leaks shows.
  link('undici-types', folder)
  cpSync(join(import.meta.dirname, 'consumers'), folder, { recursive: true })
  return { folder, tarball }
}

/** Unpacks a tarball of npm's into a folder. */
export function unpack(tarball: string, folder: string): void {
  mkdirSync(folder, { recursive: true })
  execFileSync('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1'])
}

/** Removes the folder of a consumer. */
export function removeConsumer({ folder }: Consumer): void {
  rmSync(folder, { recursive: true, force: true })
}

function link(name: string, folder: string): void {
  const target = join(folder, 'node_modules', name)
  mkdirSync(dirname(target), { recursive: true })
  symlinkSync(join(root, 'node_modules', name), target, 'junction')
}

function dependencies(): string[] {
  const manifest: { dependencies: Record<string, string> } = JSON.parse(
    readFileSync(join(core, 'package.json'), 'utf8'),
  )
  return Object.keys(manifest.dependencies)
}

function readFileName(json: Buffer): string {
  const [entry]: { filename: string }[] = Object.values(JSON.parse(json.toString()))
  if (!entry) throw new Error('npm pack named no file')
  return entry.filename
}
