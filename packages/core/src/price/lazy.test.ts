import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const source = join(import.meta.dirname, '..')

/** Imports the modules in a process of its own, and tells which packages that loaded. */
function packagesLoadedBy(modules: readonly string[], then = ''): string[] {
  const script = `
    import { registerHooks } from 'node:module'
    const loaded = []
    registerHooks({ resolve: (name, context, next) => { if (!/^(node:|file:|[./])/.test(name)) loaded.push(name); return next(name, context) } })
    const [first] = await Promise.all(${JSON.stringify(modules.map((name) => join(source, name)))}.map((path) => import(path)))
    ${then}
    console.log(JSON.stringify(loaded))
  `
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' })
  return JSON.parse(output) as string[]
}

test('importing us loads no prices; the first use does', () => {
  const modules = ['price/price-book.ts', 'price/resolve-price.ts', 'usage/read-usage.ts', 'index.ts']
  expect(packagesLoadedBy(modules)).not.toContain('@pydantic/genai-prices')
  expect(packagesLoadedBy(modules, "first.priceSource('prices')")).not.toContain('@pydantic/genai-prices')
  expect(packagesLoadedBy(modules, "await first.priceSource('prices').load()")).toContain('@pydantic/genai-prices')
}, 60_000)
