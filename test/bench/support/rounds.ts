/** One side of a comparison: runs a round and returns how long one operation took, in microseconds. */
export type Contender = (round: number) => Promise<number>

/**
 * The median of each contender over interleaved rounds. Who goes first changes from round to round, and the first
 * round, in which everything is cold, does not count.
 */
export async function mediansOf<Name extends string>(
  rounds: number,
  contenders: Readonly<Record<Name, Contender>>,
): Promise<Record<Name, number>> {
  const names = Object.keys(contenders) as Name[]
  const figures = new Map<Name, number[]>(names.map((name) => [name, []]))
  for (let round = 0; round <= rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(round + turn) % names.length] as Name
      globalThis.gc?.()
      const figure = await contenders[name](round)
      if (round > 0) figures.get(name)?.push(figure)
    }
  }
  const medians = names.map((name) => [name, median(figures.get(name) ?? [])])
  return Object.fromEntries(medians) as Record<Name, number>
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2
}

/** Microseconds per operation of some work. */
export async function timed(operations: number, work: () => unknown): Promise<number> {
  const started = performance.now()
  await work()
  return ((performance.now() - started) * 1_000) / operations
}
