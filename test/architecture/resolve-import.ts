import { posix } from 'node:path'

/** The repository path that a relative specifier names, or undefined for a package. */
export function resolveImport(importer: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined
  return posix.join(posix.dirname(importer), specifier)
}
