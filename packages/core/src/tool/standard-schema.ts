import type { StandardSchemaV1 } from '@standard-schema/spec'
import { type ArgumentIssue, InvalidArgumentsError } from '../errors/invalid-arguments-error.ts'
import { childPath } from '../util/json-path.ts'

/**
 * The arguments as the schema parsed them: at once if it is synchronous, else as a promise.
 *
 * Throws `InvalidArgumentsError`, also when the schema itself throws: the tool's body has not started either way.
 */
export function validate<Schema extends StandardSchemaV1>(
  schema: Schema,
  value: unknown,
  tool: string,
): StandardSchemaV1.InferOutput<Schema> | Promise<StandardSchemaV1.InferOutput<Schema>> {
  const result = attempt(schema, value, tool)
  if (!(result instanceof Promise)) return outputOf(result, tool)
  return result.then(
    (settled) => outputOf(settled, tool),
    (error: unknown) => refuse(error, tool),
  )
}

type Result = StandardSchemaV1.Result<unknown>

function attempt(schema: StandardSchemaV1, value: unknown, tool: string): Result | Promise<Result> {
  try {
    return schema['~standard'].validate(value)
  } catch (error) {
    return refuse(error, tool)
  }
}

function refuse(cause: unknown, tool: string): never {
  throw new InvalidArgumentsError({ tool, issues: [{ path: '', message: 'the schema itself threw an error' }], cause })
}

function outputOf(result: Result, tool: string): unknown {
  if (!result.issues) return result.value
  throw new InvalidArgumentsError({ tool, issues: result.issues.map(issueOf) })
}

function issueOf({ path = [], message }: StandardSchemaV1.Issue): ArgumentIssue {
  const steps = path.map((step) => (typeof step === 'object' ? step.key : step))
  const place = steps.reduce<string>(
    (parent, step) => childPath(parent, typeof step === 'number' ? step : String(step)),
    '',
  )
  return { path: place, message }
}
