import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Consumer, unpack } from './install-packed.ts'

const root = join(import.meta.dirname, '..', '..')

export interface AdapterOptions {
  /** Its folder under packages/, such as 'openai'. */
  readonly name: string
  /** Where each version of its SDK stands in this repository, by the name that the consumer knows it by. */
  readonly sdk: Readonly<Record<string, string>>
  /** The folder beside this file that has the consumer's programs. */
  readonly programs: string
}

/** Builds and packs an adapter with what it stands on, and unpacks them into a fresh consumer, without the network. */
export function installAdapter({ name, sdk, programs }: AdapterOptions): Consumer {
  const folder = mkdtempSync(join(tmpdir(), `holdfast-${name}-`))
  execFileSync('tsc', ['--build', join(root, 'packages', name)], { cwd: root, stdio: 'inherit' })
  const [tarball = ''] = [name, 'http', 'core'].map((part) => install(part, folder))
  const links = { ...coreDependencies(), ...sdk, '@types/node': '@types/node', 'undici-types': 'undici-types' }
  for (const [as, from] of Object.entries(links)) link(join(root, 'node_modules', from), as, folder)
  cpSync(join(import.meta.dirname, programs), folder, { recursive: true })
  return { folder, tarball }
}

function install(part: string, folder: string): string {
  const source = join(root, 'packages', part)
  const packed = execFileSync('npm', ['pack', source, '--json', '--pack-destination', folder], { cwd: root })
  const [entry]: { filename: string }[] = Object.values(JSON.parse(packed.toString()))
  if (!entry) throw new Error('npm pack named no file')
  const tarball = join(folder, entry.filename)
  unpack(tarball, join(folder, 'node_modules', manifestOf(source).name))
  return tarball
}

interface Manifest {
  readonly name: string
  readonly dependencies: Readonly<Record<string, string>>
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}

function coreDependencies(): Record<string, string> {
  const names = Object.keys(manifestOf(join(root, 'packages', 'core')).dependencies)
  return Object.fromEntries(names.map((name) => [name, name]))
}

function link(target: string, as: string, folder: string): void {
  const place = join(folder, 'node_modules', as)
  mkdirSync(dirname(place), { recursive: true })
  symlinkSync(target, place, 'junction')
}
