import type { LiveBody } from '../lane/live-body.ts'
import type { Claimed } from '../store/effect-verbs.ts'
import type { Ended } from './attempt.ts'
import { certaintyOf } from './certainty.ts'
import { outcomeOfError, userCommitOf } from './commit.ts'
import { isHeldUp, unlessHeldUp } from './goes-on.ts'
import type { Invocation } from './invocation.ts'
import { overGeneration } from './over-generation.ts'
import { successOf } from './success.ts'

/**
 * Waits for a body that outlived its time: nothing starts beside it, and what it comes to settles the effect if
 * nobody has resolved it by then.
 */
export function settleLate(invocation: Invocation, body: LiveBody, claim: Claimed, late: Promise<Ended>): void {
  const { run, tool } = invocation
  const { store, clock } = run.context
  body.lingering = late.then(async (came) => {
    const ended = unlessHeldUp(run, body, came)
    const commit = { run: run.ref, id: claim.id, epoch: claim.epoch, at: clock.now() }
    if (ended.kind === 'value') {
      const { outcome } = successOf(invocation, ended.value)
      const userCommit = userCommitOf(invocation, ended.value)
      // What it throws leaves the effect as unknown as it was.
      await store.commitEffect({ ...commit, outcome, userCommit }).catch(() => undefined)
      return
    }
    const certainty = overGeneration(certaintyOf(ended.error, tool.certainty), tool, claim, ended.error)
    if (certainty === 'in_doubt' || (certainty === 'assumed' && isHeldUp(run, body, ended.error))) return
    const outcome = outcomeOfError(ended.error, certainty)
    await store.commitEffect({ ...commit, outcome, userCommit: null }).catch(() => undefined)
  })
}
