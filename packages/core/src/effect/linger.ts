import type { LiveBody } from '../lane/live-body.ts'
import type { Claimed } from '../store/effect-verbs.ts'
import type { Ended } from './attempt.ts'
import { certaintyOf } from './certainty.ts'
import { outcomeBody, outcomeOfError } from './commit.ts'
import type { Invocation } from './invocation.ts'

/**
 * Waits for a body that outlived its time: nothing starts beside it, and what it comes to settles the effect if
 * nobody has resolved it by then.
 */
export function settleLate(invocation: Invocation, body: LiveBody, claim: Claimed, late: Promise<Ended>): void {
  const { run, tool } = invocation
  const { store, clock } = run.context
  body.lingering = late.then(async (ended) => {
    const certainty = ended.kind === 'value' ? undefined : certaintyOf(ended.error, tool.certainty)
    if (certainty === 'in_doubt') return
    const outcome =
      ended.kind === 'value'
        ? outcomeBody(invocation, ended.value).outcome
        : outcomeOfError(ended.error, certainty ?? 'assumed')
    const commit = { run: run.ref, id: claim.id, epoch: claim.epoch, outcome, userCommit: null, at: clock.now() }
    await store.commitEffect(commit).catch(() => undefined)
  })
}
