import { spawn, spawnSync } from 'node:child_process'
import { existsSync, globSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'

const FOLDER = import.meta.dirname
/** Benchmarks against other libraries, which everyone else's install is spared. */
const NEED_PEERS: readonly string[] = ['effect-vs-langgraph']

/** Runs the benchmarks that are named, or all, each in a process of its own; one JSON line each. */
async function main(names: readonly string[]): Promise<number> {
  const known = globSync('benches/*.ts', { cwd: FOLDER })
    .map((path) => basename(path, '.ts'))
    .sort()
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length > 0) {
    console.error(`No benchmark is named ${unknown.join(', ')}; there are: ${known.join(', ')}`)
    return 2
  }
  const chosen = names.length === 0 ? known : names
  if (chosen.some((name) => NEED_PEERS.includes(name)) && !installPeers()) return 1
  let failed = 0
  for (const name of chosen) {
    if ((await runOne(name)) !== 0) failed++
  }
  if (failed > 0) console.error(`${failed} of ${chosen.length} benchmarks missed their goal or failed.`)
  return failed === 0 ? 0 : 1
}

/** A heap, a compiler and an event loop that no other benchmark has used. */
function runOne(name: string): Promise<number> {
  const child = spawn(process.execPath, ['--expose-gc', join(FOLDER, 'support', 'run-one.ts'), name], {
    stdio: 'inherit',
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })
}

function installPeers(): boolean {
  if (peersAreCurrent()) return true
  console.error('installing the peers of the benchmarks (npm ci in test/bench)')
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: FOLDER,
    // Standard output is for the benchmarks' lines alone.
    stdio: ['ignore', process.stderr, 'inherit'],
    shell: process.platform === 'win32',
  })
  return status === 0
}

function peersAreCurrent(): boolean {
  // npm writes this file last.
  const installed = join(FOLDER, 'node_modules', '.package-lock.json')
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(FOLDER, 'package-lock.json')).mtimeMs
}

process.exitCode = await main(process.argv.slice(2))
