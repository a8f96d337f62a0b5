const SECOND = 1_000
const PERIODS: readonly (readonly [ms: number, name: string])[] = [
  [SECOND, 'second'],
  [60 * SECOND, 'minute'],
  [3_600 * SECOND, 'hour'],
  [86_400 * SECOND, 'day'],
]

/** What to do where only calls in flight stand in the way. */
export const WAIT = 'Try again when the calls in flight have ended, or let it wait for them: waitForBudget.'

/** What is counted, with its number: `1 call`, `12,000 tokens`. */
export function countText(count: number, unit: 'tokens' | 'calls' | 'effects'): string {
  return `${numberText(count)} ${count === 1 ? unit.slice(0, -1) : unit}`
}

/** `1.5 s`. */
export function secondsText(ms: number): string {
  return `${numberText(ms / SECOND)} s`
}

/** `60 calls per minute`, `10 effects per 90 s`. */
export function rateText(rate: {
  readonly limit: number
  readonly of: 'tokens' | 'calls' | 'effects'
  readonly perMs: number
}): string {
  const [, name] = PERIODS.find(([ms]) => ms === rate.perMs) ?? [0, secondsText(rate.perMs)]
  return `${countText(rate.limit, rate.of)} per ${name}`
}

/**
 * The last sentence: what there is to do about a limit of that scope. `instead`: what else may be done at once. Limits
 * that are set replace all others of the scope, so that whoever follows it has to be told to keep them.
 */
export function goOnText(
  { scope, resetsAt }: { readonly scope: string; readonly resetsAt: number | null },
  member: string,
  ...instead: readonly string[]
): string {
  const wait = resetsAt === null ? [] : [`wait until ${new Date(resetsAt).toISOString()}`]
  const ways = [...instead, ...wait, `raise it with ledger.scopes.limit('${scope}', (present) => …)`]
  return `To go on, ${ways.join(', or ')}: what that answers replaces all limits that are present, so keep the others and give this one { ${member} }.`
}

/** What a call is of, where that is known. */
export function callText(model: string | null): string {
  return model === null ? 'A call' : `A call of ${model}`
}

export function numberText(count: number): string {
  return count.toLocaleString('en-US')
}
