import { encodeRequest, type PreviousRequest } from '../../codec/request-delta.ts'
import { encodeValue } from '../../codec/value-codec.ts'
import { serializeError } from '../../errors/serialize.ts'
import type { ClaimEffect, EffectOutcome } from '../../store/effect-verbs.ts'
import type { RunRef } from '../../store/records.ts'
import type { OpenRun } from '../../store/run-verbs.ts'
import { memory } from '../../store/sqlite/sqlite.ts'
import type { Store } from '../../store/store.ts'
import { sha256 } from '../../util/hash.ts'
import { ManualClock } from '../../util/manual-clock.ts'

const LEASE_MS = 60_000

/** A store of its own in memory, whose time passes only by hand. */
export function openStore(clock: ManualClock = new ManualClock()): Store {
  return memory().open({
    ...{ clock, durability: 'fast', migrate: 'auto', random: () => 0.5, retries: { attempts: 0, initialMs: 1 } },
    warn: () => undefined,
  })
}

export interface EffectOptions {
  readonly args?: unknown
  readonly lane?: string
  readonly parent?: number
  readonly key?: string
  readonly more?: Partial<ClaimEffect>
}

/** A run driven by hand through the verbs of a store, as the layers above would. */
export class RecordedRun {
  readonly ref: RunRef
  readonly #store: Store
  readonly #clock: ManualClock
  #previous: PreviousRequest | undefined

  private constructor(store: Store, clock: ManualClock, ref: RunRef) {
    this.#store = store
    this.#clock = clock
    this.ref = ref
  }

  static async open(store: Store, clock: ManualClock, id: string, more: Partial<OpenRun> = {}): Promise<RecordedRun> {
    const opened = await store.openRun({
      ...{
        id,
        name: null,
        thread: null,
        input: null,
        inputHash: null,
        tags: [],
        parent: null,
        shared: false,
        retry: false,
      },
      ...{ leaseMs: LEASE_MS, at: clock.now() },
      ...more,
    })
    if (opened.kind !== 'opened') throw new Error(`Run ${id}: ${opened.kind}`)
    return new RecordedRun(store, clock, opened.ref)
  }

  async claim(
    tool: string,
    { args = {}, lane = '', parent, key = tool, more = {} }: EffectOptions = {},
  ): Promise<{ id: number; epoch: number }> {
    const claimed = await this.#store.claimEffect({
      ...{
        run: this.ref,
        owner: { kind: 'run' },
        keys: [sha256(key)],
        tool,
        args: encodeValue(args),
        argsHash: null,
        lane,
      },
      ...{
        onOtherArgs: 'mark',
        callerKeyed: false,
        callsSeen: 0,
        parentEffect: parent ?? null,
        leaseMs: LEASE_MS,
        attempts: 1,
      },
      ...{ willWait: false, at: this.#clock.now() },
      ...more,
    })
    if (claimed.kind !== 'claimed') throw new Error(`Effect ${tool}: ${claimed.kind}`)
    return claimed
  }

  async commit(effect: { id: number; epoch: number }, outcome: EffectOutcome): Promise<void> {
    const at = this.#clock.now()
    await this.#store.commitEffect({ run: this.ref, ...effect, outcome, userCommit: null, at })
  }

  async succeed(tool: string, result: unknown, options: EffectOptions = {}): Promise<number> {
    const claimed = await this.claim(tool, options)
    await this.commit(claimed, { kind: 'succeeded', result: encodeValue(result), kept: true })
    return claimed.id
  }

  async fail(tool: string, error: Error, options: EffectOptions = {}): Promise<number> {
    const claimed = await this.claim(tool, options)
    await this.commit(claimed, { kind: 'failed', error: JSON.stringify(serializeError(error)), certainty: 'assumed' })
    return claimed.id
  }

  async call(model: string, request: unknown, response: unknown, lane = ''): Promise<number> {
    const { body, snapshot } = encodeRequest(request, this.#previous)
    const reserved = await this.#store.reserve({
      ...{
        run: this.ref,
        lane,
        provider: 'openai',
        model,
        exactHash: sha256(body),
        maskedHash: sha256(body),
        restHash: '',
        request: body,
      },
      ...{ effect: null, at: this.#clock.now() },
    })
    if (reserved.kind !== 'held') throw new Error(`Call: ${reserved.kind}`)
    this.#previous = { id: reserved.id, snapshot }
    const outcome = { kind: 'succeeded', response: encodeValue(response) } as const
    const usage = encodeValue({ input: 10, output: 2 })
    await this.#store.settle({ id: reserved.id, outcome, usage, externalId: null, at: this.#clock.now() })
    return reserved.id
  }

  async close(to: 'completed' | 'failed' | 'released', output: unknown = undefined): Promise<void> {
    const at = this.#clock.now()
    await this.#store.closeRun({ run: this.ref, to, output: encodeValue(output), outputKept: true, error: null, at })
  }
}
