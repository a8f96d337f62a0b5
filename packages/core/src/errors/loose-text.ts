const BUDGET = 'the dollars of the environment variable HOLDFAST_BUDGET (1.00 unless it is set)'

/** Whose budget it is, after what else there is to say: nobody has set that of the calls outside of runs by its name. */
export function withLooseBudget(text: string, scope: string): string {
  return isLoose(scope)
    ? `${text} Calls outside a run share ${BUDGET}, unless the ledger has limits of its own, \`{}\` for none.`
    : text
}

/** What to do where that budget is used up; undefined for any other. */
export function raiseLooseBudget(scope: string): string | undefined {
  if (!isLoose(scope)) return undefined
  return `Calls outside a run share ${BUDGET}. Raise it, give the ledger limits of its own, or call within ledger.run({ limits }, …).`
}

function isLoose(scope: string): boolean {
  return scope.startsWith('loose:')
}
