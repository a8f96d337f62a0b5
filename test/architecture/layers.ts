const foundation = ['util', 'usd', 'errors', 'codec'] as const
const definitions = [...foundation, 'contract', 'tool', 'price', 'config'] as const
const strands = [...definitions, 'lane', 'lease'] as const
const mechanisms = [...strands, 'budget', 'guard', 'effect', 'call', 'approval', 'audit'] as const
const runs = [...mechanisms, 'compensation', 'run'] as const

/**
 * Who may import whom in packages/core/src. A layer may always import itself; what is not listed is refused.
 * The layers of a row stand beside each other: they reach the rows above theirs, never one another. A run ends by
 * compensating what it did, and sagas, recovery and replay open runs: those stand one below the other.
 */
export const layers: Readonly<Record<string, readonly string[]>> = {
  util: [],
  usd: [],
  errors: ['usd', 'util'],
  codec: ['errors', 'util'],
  contract: foundation,
  tool: [...foundation, 'contract'],
  price: [...foundation, 'contract'],
  config: [...foundation, 'contract', 'tool', 'price'],
  store: [...foundation, 'contract'],
  lane: definitions,
  lease: definitions,
  budget: strands,
  guard: strands,
  effect: strands,
  call: strands,
  approval: strands,
  audit: strands,
  compensation: mechanisms,
  run: [...mechanisms, 'compensation'],
  saga: runs,
  resume: runs,
  replay: runs,
}

/** The files that wire the package together, and so may import everything in it. */
export const wiring: readonly string[] = ['ledger.ts', 'index.ts']
