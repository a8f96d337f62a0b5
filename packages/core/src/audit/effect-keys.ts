import type { ReadStore } from '../store/read-verbs.ts'
import type { EffectRecord } from '../store/records.ts'
import { formatEffectKey } from '../util/effect-key-text.ts'

const MAX_FOUND = 10_000

/** Finds the key's text for an effect's number, and remembers it: entries name the same few effects again and again. */
export class EffectKeys {
  readonly #store: Pick<ReadStore, 'listEffects'>
  readonly #known = new Map<number, string>()
  readonly #found = new Map<number, string | null>()

  constructor(store: Pick<ReadStore, 'listEffects'>) {
    this.#store = store
  }

  /** Saves the reads for effects that the caller has at hand. */
  learn(effects: readonly EffectRecord[]): void {
    for (const effect of effects) this.#known.set(effect.id, keyText(effect))
  }

  /** Null if there is no such effect, or no number. */
  async textOf(effect: number | null): Promise<string | null> {
    if (effect === null) return null
    return this.#known.get(effect) ?? this.#found.get(effect) ?? this.#find(effect)
  }

  async #find(id: number): Promise<string | null> {
    // The contract has no read by number: the first effect after the one before it is the one, if it exists.
    const [effect] = await this.#store.listEffects({ after: id - 1, limit: 1 })
    const text = effect?.id === id ? keyText(effect) : null
    // A tail goes on for as long as its reader likes.
    if (this.#found.size >= MAX_FOUND) this.#found.clear()
    this.#found.set(id, text)
    return text
  }
}

function keyText({ ownerSeq, key }: EffectRecord): string {
  return formatEffectKey(ownerSeq, key)
}
