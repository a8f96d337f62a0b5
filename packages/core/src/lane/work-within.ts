import { LiveBody, type VALUE_KEY } from './live-body.ts'
import type { RunScope } from './run-scope.ts'

/**
 * Stands for what an agent does inside something that is recorded and is no effect: the function of a value, the sender
 * of a call. What happens in it is part of the effect around it; a question to a human that is met in it holds it up, as
 * it does a body.
 */
export function workWithin(
  { run, parent }: { readonly run: RunScope; readonly parent: LiveBody | null },
  key: '' | typeof VALUE_KEY = '',
): LiveBody {
  const work = new LiveBody(key, parent ?? run.body)
  work.hasNoLane = true
  work.effect = parent?.effect ?? null
  work.attempt = parent?.attempt ?? 1
  return work
}
