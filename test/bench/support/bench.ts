/** What a benchmark measured; `value` is what its goal is about. */
export interface Measured {
  readonly ours: number
  /** Null where there is nothing to compare with. */
  readonly reference: number | null
  readonly value: number
  readonly counts: Readonly<Record<string, number>>
  /** What must be true besides the goal. @default true */
  readonly sound?: boolean
}

/** A benchmark: its name is its file's. */
export interface Bench {
  /** Of `ours` and `reference`. */
  readonly unit: string
  /** Which way `value` gets better: at least its goal for `higher`, at most for `lower`. */
  readonly better: 'higher' | 'lower'
  readonly goal: number
  run(): Promise<Measured>
}

/** The line that is printed. */
export interface BenchLine extends Omit<Measured, 'sound'> {
  readonly name: string
  readonly unit: string
  readonly better: Bench['better']
  readonly goal: number
  readonly holds: boolean
}

/** Runs a benchmark and says whether its goal holds. */
export async function measure(name: string, bench: Bench): Promise<BenchLine> {
  const { unit, better, goal } = bench
  const { ours, reference, value, counts, sound = true } = await bench.run()
  const reached = better === 'higher' ? value >= goal : value <= goal
  return {
    name,
    unit,
    better,
    ours: rounded(ours),
    reference: reference === null ? null : rounded(reference),
    value: rounded(value),
    goal,
    holds: reached && sound,
    counts: Object.fromEntries(Object.entries(counts).map(([key, count]) => [key, rounded(count)])),
  }
}

function rounded(value: number): number {
  return Number(value.toPrecision(4))
}
