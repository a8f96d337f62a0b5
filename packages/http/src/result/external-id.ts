/** What the ledger knows an answer by whose usage is told later. */
export function externalIdOf(provider: string, id: string): string {
  return `${provider}:${id}`
}
