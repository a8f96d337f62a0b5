import { HoldfastError } from './holdfast-error.ts'

/** One complaint of a schema. */
export interface ArgumentIssue {
  path: string
  message: string
}

/** A tool's arguments do not fit its schema; its body has not started. */
export class InvalidArgumentsError extends HoldfastError {
  static override readonly code = 'invalid-arguments'
  declare readonly code: 'invalid-arguments'
  readonly tool: string
  readonly issues: readonly ArgumentIssue[]

  constructor(facts: { tool: string; issues: readonly ArgumentIssue[]; cause?: unknown }) {
    const list = facts.issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ')
    const message = `The arguments of tool "${facts.tool}" do not fit its schema (${list}). It was not run. Call it again with arguments that fit.`
    super(message, { status: 400, ...('cause' in facts ? { cause: facts.cause } : {}) })
    this.tool = facts.tool
    this.issues = facts.issues
  }
}
