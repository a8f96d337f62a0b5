import { tool } from '../callable-tool.ts'

/** A tool that gives the next of these each time, and remembers how often it was executed. */
export function giving(
  name: string,
  results: readonly unknown[],
  policy: { effect?: 'read'; repeatable?: boolean } = {},
) {
  const done: unknown[] = []
  const execute = (args?: unknown): unknown => {
    done.push(args)
    return results[Math.min(done.length, results.length) - 1]
  }
  return Object.assign(tool({ name, ...policy, execute }), { done })
}
