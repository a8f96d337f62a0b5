import { installedIsCurrent } from './installed.mjs'
import { quietly, say } from './step.mjs'

/**
 * Brings the checkout to what a job needs, `install` or `build`, and answers with an exit code.
 * A build needs an install; what is there and current is left alone.
 */
export async function prepare(needs) {
  if (!installedIsCurrent()) {
    const code = await install()
    if (code !== 0) return code
  }
  if (needs !== 'build') return 0
  say('building what changed (turbo run build)')
  return quietly('turbo', ['run', 'build', '--ui=stream', '--output-logs=errors-only'])
}

async function install() {
  say('installing the pinned dependencies (npm ci), about half a minute')
  // No install scripts: npm 10 would compile the SQLite engine, which has its binaries with it, and so want Python.
  const code = await quietly('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'])
  if (code !== 0) return code
  say('placing the pinned Node (npm rebuild node)')
  return quietly('npm', ['rebuild', 'node'])
}
