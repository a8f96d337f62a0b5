const foundation = ['util', 'usd', 'errors', 'codec'] as const
const definitions = [...foundation, 'contract', 'tool', 'usage', 'price', 'estimate', 'config'] as const
const strands = [...definitions, 'lane', 'lease'] as const
const limits = [...strands, 'budget', 'guard'] as const
const mechanisms = [...limits, 'effect', 'call', 'approval', 'audit'] as const
const runs = [...mechanisms, 'compensation', 'run'] as const

/**
 * Who may import whom in packages/core/src. A layer may always import itself; what is not listed is refused.
 * The layers of a row stand beside each other: they reach the rows above theirs, never one another. Calls reserve and
 * effects count, so that limits stand above both. A run ends by
 * compensating what it did, and sagas, recovery and replay open runs: those stand one below the other.
 */
export const layers: Readonly<Record<string, readonly string[]>> = {
  util: [],
  usd: [],
  errors: ['usd', 'util'],
  codec: ['errors', 'util'],
  contract: foundation,
  tool: [...foundation, 'contract'],
  usage: foundation,
  price: [...foundation, 'contract', 'usage'],
  estimate: [...foundation, 'usage'],
  config: [...foundation, 'contract', 'tool', 'usage', 'price', 'estimate'],
  store: [...foundation, 'contract'],
  lane: definitions,
  lease: definitions,
  budget: strands,
  guard: strands,
  effect: limits,
  call: limits,
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
