// Imports the root and nothing else, and tells every file that this loaded.
import { registerHooks } from 'node:module'

const loaded = []
registerHooks({
  load(url, context, next) {
    loaded.push(url)
    return next(url, context)
  },
})

await import('holdfast')

process.report.excludeNetwork = true
const libraries = process.report.getReport().sharedObjects.filter((path) => path.endsWith('.node'))
process.stdout.write(JSON.stringify({ loaded: loaded.filter((url) => url.startsWith('file:')), libraries }))
