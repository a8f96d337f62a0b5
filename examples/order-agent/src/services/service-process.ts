/** What a service tells the process that started it. */
export type ServiceMessage =
  | { readonly kind: 'listening'; readonly url: string }
  /** From now on it tells when it has done what it was told to hold, and does not answer. */
  | { readonly kind: 'holding' }
  | { readonly kind: 'acted' }

/** Tells the process that started this one. Started by hand, it tells the terminal. */
export function tell(message: ServiceMessage): void {
  if (process.send === undefined) console.log(message)
  else process.send(message)
}

/** Starts a service that lives as long as the process that started it. */
export function startService(listen: () => Promise<string>): void {
  process.once('disconnect', () => process.exit(0))
  listen().then(
    (url) => tell({ kind: 'listening', url }),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
}

/** The file that a service keeps, given on its command line. */
export function journalPath(): string {
  const path = process.argv[2]
  if (path === undefined) throw new Error('Give the path of the log as the only argument.')
  return path
}
