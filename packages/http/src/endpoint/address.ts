/** An address taken apart. */
export interface Address {
  /** With its port, where it has one of its own. */
  readonly host: string
  /** Decoded, each by itself: a `%2F` does not end one. */
  readonly path: readonly string[]
}

/** Undefined for what is no address. */
export function parseAddress(url: string): Address | undefined {
  const parsed = URL.parse(url)
  if (parsed === null) return undefined
  const { host, pathname } = parsed
  const path = pathname.split('/').filter((segment) => segment !== '')
  return { host: host.replace(/\.(?=$|:)/, ''), path: pathname.includes('%') ? path.map(decoded) : path }
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
