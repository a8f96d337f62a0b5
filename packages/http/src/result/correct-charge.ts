import type { Ledger, UsageReading } from 'holdfast'
import type { ResultEndpoint } from '../endpoint/endpoint.ts'
import { externalIdOf } from './external-id.ts'

/** Whatever becomes of the correction, the result is its caller's: what is not corrected stays charged as it is. */
export async function correctCharge(
  ledger: Ledger,
  { provider, id }: ResultEndpoint,
  reading: UsageReading | undefined,
): Promise<void> {
  if (reading === undefined || id === '') return
  await ledger.correct({ externalId: externalIdOf(provider, id), reading }).catch(() => undefined)
}
