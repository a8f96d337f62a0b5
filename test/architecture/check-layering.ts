import { layers, wiring } from './layers.ts'
import { type ParsedSource, type Violation, violation } from './parsed-source.ts'
import { resolveImport } from './resolve-import.ts'

const core = 'packages/core/src/'
const contractRoot = `${core}store/store.ts`

/** Holds the imports of packages/core to the table of layers; type-only imports count. */
export function checkLayering(sources: readonly ParsedSource[]): Violation[] {
  const contract = findContract(sources)
  return sources.filter(({ path }) => path.startsWith(core)).flatMap((source) => checkSource(source, contract))
}

function checkSource(source: ParsedSource, contract: ReadonlySet<string>): Violation[] {
  const layer = layerOf(source.path, contract)
  if (wiring.includes(layer)) return []
  const allowed = layers[layer]
  if (!allowed) return [violation(source, 0, `"${layer}" is no layer of test/architecture/layers.ts`)]
  return source.imports.flatMap(({ specifier, offset, kind }) => {
    const target = resolveImport(source.path, specifier)
    if (!target) return []
    const to = layerOf(target, contract)
    if (to !== layer && !allowed.includes(to)) return [violation(source, offset, `${layer} may not import ${to}`)]
    if (layer !== 'contract' || kind === 'type') return []
    return [violation(source, offset, 'the store contract imports types only')]
  })
}

/** `usd.ts` and `usd/…` are the layer usd; the files that make up the store contract are a layer of their own. */
function layerOf(path: string, contract: ReadonlySet<string>): string {
  if (contract.has(path)) return 'contract'
  const [first = ''] = path.slice(core.length).split('/')
  return wiring.includes(first) ? first : first.replace(/\.ts$/, '')
}

/** The contract is store.ts and what it is made of: the files beside it that it reaches by imports. */
function findContract(sources: readonly ParsedSource[]): ReadonlySet<string> {
  const byPath = new Map(sources.map((source) => [source.path, source]))
  const reached = new Set<string>([contractRoot])
  for (const path of reached) {
    for (const { specifier } of byPath.get(path)?.imports ?? []) {
      const target = resolveImport(path, specifier)
      if (target && /\/core\/src\/store\/[^/]+$/.test(target)) reached.add(target)
    }
  }
  return reached
}
