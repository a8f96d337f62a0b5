import type { ReadStore } from '../store/read-verbs.ts'
import type { EffectRecord, RecordLevel } from '../store/records.ts'
import { formatEffectKey } from '../util/effect-key-text.ts'

const MAX_FOUND = 10_000

/** What entries need to know of the effect that they tell of. */
export interface EffectFacts {
  /** Its key as text. */
  readonly key: string
  readonly tool: string
  readonly level: RecordLevel
}

/** Finds the key's text for an effect's number, and remembers it: entries name the same few effects again and again. */
export class EffectKeys {
  readonly #store: Pick<ReadStore, 'listEffects'>
  readonly #known = new Map<number, EffectFacts>()
  readonly #found = new Map<number, EffectFacts | null>()

  constructor(store: Pick<ReadStore, 'listEffects'>) {
    this.#store = store
  }

  /** Saves the reads for effects that the caller has at hand. */
  learn(effects: readonly EffectRecord[]): void {
    for (const effect of effects) this.#known.set(effect.id, factsOf(effect))
  }

  /** Null if there is no such effect, or no number. */
  async textOf(effect: number | null): Promise<string | null> {
    return (await this.factsOf(effect))?.key ?? null
  }

  async factsOf(effect: number | null): Promise<EffectFacts | null> {
    if (effect === null) return null
    return this.#known.get(effect) ?? this.#found.get(effect) ?? this.#find(effect)
  }

  async #find(id: number): Promise<EffectFacts | null> {
    // The contract has no read by number: the first effect after the one before it is the one, if it exists.
    const [effect] = await this.#store.listEffects({ after: id - 1, limit: 1 })
    const facts = effect?.id === id ? factsOf(effect) : null
    // A tail goes on for as long as its reader likes.
    if (this.#found.size >= MAX_FOUND) this.#found.clear()
    this.#found.set(id, facts)
    return facts
  }
}

function factsOf({ ownerSeq, key, tool, recordLevel }: EffectRecord): EffectFacts {
  return { key: formatEffectKey(ownerSeq, key), tool, level: recordLevel }
}
