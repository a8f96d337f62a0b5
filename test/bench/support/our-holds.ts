import { type Run, usd } from 'holdfast'
import type { OurLedger } from './our-ledger.ts'
import { timed } from './rounds.ts'

const HELD = usd('0.001')
const SPENT = usd('0.0006')

/** Holds on the run itself, on a user and on the whole ledger, each of them with a budget. */
export class OurHolds {
  readonly #our: OurLedger

  private constructor(our: OurLedger) {
    this.#our = our
  }

  static async on(our: OurLedger): Promise<OurHolds> {
    for (const scope of ['user:ann', 'ledger']) await our.ledger.scopes.limit(scope, { budget: usd(1_000_000) })
    return new OurHolds(our)
  }

  /** A round in a run of its own, `inFlight` at a time: microseconds for a reserve and its settle. */
  round(id: string, holds: number, inFlight = 1): Promise<number> {
    const limits = { budget: usd(100_000) }
    return this.#our.ledger.run({ id, limits, scopes: ['user:ann'] }, (run) =>
      timed(holds, () => (inFlight === 1 ? oneByOne(run, holds) : together(run, holds, inFlight))),
    )
  }
}

async function oneByOne(run: Run, holds: number): Promise<void> {
  for (let left = holds; left > 0; left--) await reserveAndSettle(run)
}

async function together(run: Run, holds: number, inFlight: number): Promise<void> {
  let left = holds
  const worker = async () => {
    for (; left > 0; left--) await reserveAndSettle(run)
  }
  await Promise.all(Array.from({ length: inFlight }, worker))
}

async function reserveAndSettle(run: Run): Promise<void> {
  const hold = await run.reserve({ model: 'a model', usd: HELD })
  await hold.settle({ usd: SPENT })
}
