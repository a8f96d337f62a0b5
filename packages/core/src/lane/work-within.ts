import { LiveBody } from './live-body.ts'
import type { RunScope } from './run-scope.ts'

/**
 * Stands for what an agent does inside something that is recorded and is no effect: the function of a value, the sender
 * of a call. Whatever is started in it stands where it would without it; but a question to a human that is met in it
 * holds it up, as it does a body.
 */
export function workWithin({ run, parent }: { readonly run: RunScope; readonly parent: LiveBody | null }): LiveBody {
  const work = new LiveBody('', parent ?? run.body)
  work.effect = parent?.effect ?? null
  work.attempt = parent?.attempt ?? 1
  return work
}
