import { ConfigError } from '../errors/config-error.ts'
import { NotSupportedError } from '../errors/not-supported-error.ts'
import { memory, sqlite } from './sqlite/sqlite.ts'
import type { StoreSource } from './store.ts'

/** The store that a URL names: `sqlite:./agents.db`, `sqlite::memory:`. */
export function storeFromUrl(url: string): StoreSource {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase()
  if (scheme === 'sqlite') return sqliteFrom(url.slice('sqlite:'.length))
  if (scheme === 'postgres' || scheme === 'postgresql' || scheme === 'mysql') {
    throw new NotSupportedError(`a ledger in ${scheme}`, 'Set HOLDFAST_DB_URL to sqlite:<path>, or pass a store.')
  }
  throw new ConfigError(`'${scheme ?? url}' is no store that this version knows; use sqlite:<path>.`)
}

/** `sqlite:///abs.db`, `sqlite:/abs.db`, `sqlite:./rel.db` and `sqlite:rel.db` all name a file. */
function sqliteFrom(rest: string): StoreSource {
  const path = decodedPath(rest.startsWith('//') ? rest.slice(2) : rest)
  if (path === ':memory:') return memory()
  if (path === '') throw new ConfigError('a sqlite: URL needs a path, for example sqlite:./.holdfast/ledger.db.')
  return sqlite(path)
}

function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch (cause) {
    throw new ConfigError(`'sqlite:${path}' has a % that begins no escape; write it as %25, or pass sqlite(path).`, {
      cause,
    })
  }
}

/** The URL of a SQLite file, escaped as `storeFromUrl` reads it. */
export function sqliteUrl(path: string): string {
  // Two leading slashes would be read as those of the URL.
  const escaped = path.replace(/^\/+/, '/').split('/').map(encodeURIComponent).join('/')
  return `sqlite:${escaped}`
}
