import { checkLimits } from '../config/check-limits.ts'
import { placeOf } from '../config/check-scopes.ts'
import type { LedgerContext } from '../config/ledger-context.ts'
import { askFor, termsIn } from '../config/limit-settings.ts'
import type { Limits, OneOrMany } from '../config/limits.ts'
import { looseScope, sessionScope } from '../config/scope-names.ts'
import type { LimitTerms } from '../store/limit-records.ts'
import { setLimits } from './set-limits.ts'

/** Limits by the scope's name or pattern; null: the code says nothing of it any more. */
export type CodeTerms = ReadonlyMap<string, readonly LimitTerms[] | null>

/** Beyond these the scope that was asked about first is asked about again. */
const MAX_REMEMBERED = 10_000

/** Of one ledger with one set of options: options that it is given later are declared anew. */
const known = new WeakMap<LedgerContext, CodeLimits>()

/**
 * Puts what the code says of limits where the store's verbs read it, before anything is counted by it. Whatever could
 * not be declared is tried again by whoever needs it next.
 */
export class CodeLimits {
  readonly #context: LedgerContext
  #options: Promise<void> | undefined
  readonly #done = new Map<string, Promise<void>>()

  static of(context: LedgerContext): CodeLimits {
    const limits = known.get(context) ?? new CodeLimits(context)
    known.set(context, limits)
    return limits
  }

  constructor(context: LedgerContext) {
    this.#context = context
  }

  /** Declares what the options of the ledger say, and what their functions say of these scopes. */
  async ready(names: readonly string[]): Promise<void> {
    this.#options ??= this.#declare(this.#fromOptions()).catch((error: unknown) => {
      this.#options = undefined
      throw error
    })
    await this.#options
    const asked = names.flatMap((name) => {
      const ask = askFor(this.#context.limits, name)
      return ask === undefined ? [] : [this.#once(name, async () => this.#declare(await this.#answer(name, ask)))]
    })
    await Promise.all(asked)
  }

  /** Declares what calls outside of runs may spend. */
  loose(): Promise<void> {
    const { session, limits } = this.#context
    const name = looseScope(session)
    return this.#once(name, () => this.#declare(new Map([[name, limits.loose]])))
  }

  #fromOptions(): CodeTerms {
    const { session, limits } = this.#context
    const dropped = limits.dropped.map((pattern) => [pattern, null] as const)
    return new Map([...dropped, [sessionScope(session), limits.session], ...limits.scopes])
  }

  async #answer(
    name: string,
    ask: (name: string) => OneOrMany<Limits> | Promise<OneOrMany<Limits>>,
  ): Promise<CodeTerms> {
    const limits = await ask(name)
    checkLimits(`createLedger: scopes, the limits of '${name}'`, limits, placeOf(name))
    return new Map([[name, termsIn(limits)]])
  }

  #declare(terms: CodeTerms): Promise<void> {
    return setLimits(this.#context, 'code', terms)
  }

  #once(what: string, declare: () => Promise<void>): Promise<void> {
    const begun = this.#done.get(what)
    if (begun !== undefined) return begun
    const [oldest] = this.#done.keys()
    if (this.#done.size >= MAX_REMEMBERED && oldest !== undefined) this.#done.delete(oldest)
    const declared = declare()
    this.#done.set(what, declared)
    declared.catch(() => this.#done.delete(what))
    return declared
  }
}
