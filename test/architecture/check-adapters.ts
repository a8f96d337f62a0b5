import { type ParsedSource, type Violation, violation } from './parsed-source.ts'

/** What each package beside core may import, beside Node and itself: never another adapter, never a part of core. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  http: ['holdfast'],
  openai: ['holdfast', '@holdfast/http', '@holdfast/http/testing', 'openai'],
  anthropic: ['holdfast', '@holdfast/http', '@anthropic-ai/sdk'],
}

/** Holds the packages beside core to the core's root, the wire, and their own SDK. */
export function checkAdapters(sources: readonly ParsedSource[]): Violation[] {
  return sources.flatMap((source) => {
    const [, name = ''] = /^packages\/([^/]+)\/src\//.exec(source.path) ?? []
    if (name === 'core' || name === '') return []
    const allowed = ALLOWED[name]
    if (allowed === undefined)
      return [violation(source, 0, `"${name}" is no package of test/architecture/check-adapters.ts`)]
    // What starts with '#' is a file of its own, by the `imports` of its package.json.
    const foreign = source.imports.filter(({ specifier }) => !/^(\.|#|node:)/.test(specifier))
    return foreign
      .filter(({ specifier }) => !allowed.some((one) => isOf(one, specifier)))
      .map(({ specifier, offset }) => violation(source, offset, `${name} may not import ${specifier}`))
  })
}

/** An SDK's parts are its own; of ours, only what the list names. */
function isOf(allowed: string, specifier: string): boolean {
  const isOurs = allowed === 'holdfast' || allowed.startsWith('@holdfast/')
  return specifier === allowed || (!isOurs && specifier.startsWith(`${allowed}/`))
}
