import type { ToolSpec } from '../tool/tool-spec.ts'

/** Whether the tool's own predicate, if it has one, is for another attempt. One that stumbles over the error is not. */
export function allowsRetry({ retryWhen }: Pick<ToolSpec<unknown, unknown>, 'retryWhen'>, error: unknown): boolean {
  try {
    return retryWhen === undefined || retryWhen(error)
  } catch {
    return false
  }
}
