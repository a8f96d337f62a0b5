import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './step.mjs'

/**
 * Whether node_modules holds what package-lock.json asks for.
 * npm writes what it installed to node_modules/.package-lock.json, and only after it has finished.
 */
export function installedIsCurrent() {
  const installed = readPackages('node_modules/.package-lock.json')
  if (!installed || !existsSync(join(root, 'node_modules', '.bin', 'node'))) return false
  return matches(readPackages('package-lock.json'), installed)
}

/** Compares two `packages` tables of npm lockfiles; an optional package of another platform may be absent. */
export function matches(wanted, installed) {
  return Object.entries(wanted)
    .filter(([path]) => path.startsWith('node_modules/'))
    .every(([path, entry]) => {
      const found = installed[path]
      if (!found) return entry.optional === true
      return found.version === entry.version && found.integrity === entry.integrity && found.link === entry.link
    })
}

function readPackages(path) {
  try {
    return JSON.parse(readFileSync(join(root, path), 'utf8')).packages
  } catch {
    return undefined
  }
}
