/** How the data says which names are a model's; regular expressions among them are left alone. */
export interface MatchLogic {
  readonly equals?: string
  readonly starts_with?: string
  readonly ends_with?: string
  readonly contains?: string
  readonly or?: readonly MatchLogic[]
  readonly and?: readonly MatchLogic[]
}

/**
 * The names that a rule spells out: those that it equals first, then those that it merely begins with or contains. As
 * names they count in full only: in the data, `claude-sonnet-5` would also be the price of `claude-sonnet-5-5`.
 */
export function bundledAliases(match: MatchLogic): readonly string[] {
  const rules = rulesOf(match)
  const exact = rules.flatMap(({ equals }) => equals ?? [])
  const parts = rules.flatMap((rule) => [rule.starts_with, rule.ends_with, rule.contains].flatMap((text) => text ?? []))
  return [...new Set([...exact, ...parts])]
}

function rulesOf(match: MatchLogic): readonly MatchLogic[] {
  const inner = [...(match.or ?? []), ...(match.and ?? [])]
  return inner.length === 0 ? [match] : inner.flatMap(rulesOf)
}
