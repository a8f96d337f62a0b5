// Loads two copies of the package and 50 fresh instances of one of them, opens a ledger of the same file in each,
// and counts what they hold together: connections, timers, and the run that each of them sees.
import { createHook } from 'node:async_hooks'
import { createRequire, registerHooks } from 'node:module'

const [, , database] = process.argv
const instances = 50

const timers = new Map()
createHook({
  init: (id, type, _trigger, resource) => type === 'Timeout' && timers.set(id, resource),
  destroy: (id) => timers.delete(id),
}).enable()
const repeating = () =>
  [...timers.values()].filter((timer) => timer._repeat !== null && timer.hasRef() === false).length

const require = createRequire(import.meta.resolve('holdfast'))
const enginePath = require.resolve('better-sqlite3')
const Engine = require(enginePath)
let connections = 0
require.cache[enginePath].exports = class extends Engine {
  constructor(...args) {
    super(...args)
    if (args[0] === database) connections += 1
  }
}

// A hot reload evaluates every file of the package again, so the mark has to travel from importer to imported.
registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context)
    const reload = context.parentURL?.match(/\?reload=\d+$/)?.[0]
    const ours = resolved.url.includes('/node_modules/holdfast/')
    return reload && ours ? { ...resolved, url: resolved.url + reload } : resolved
  },
})

async function open(url) {
  const holdfast = await import(url)
  return { holdfast, ledger: holdfast.createLedger({ store: holdfast.sqlite(database) }) }
}

const first = await open('holdfast')
const result = await first.ledger.run({ id: 'outer' }, async (run) => {
  const alone = { connections, timers: repeating() }
  const others = [await open(import.meta.resolve('holdfast-copy'))]
  for (let reload = 0; reload < instances; reload += 1) {
    others.push(await open(`${import.meta.resolve('holdfast')}?reload=${reload}`))
  }
  const records = await Promise.all(others.map(({ ledger }) => ledger.runs.get('outer')))
  const runs = await Promise.all(others.map(({ ledger }, index) => ledger.open({ id: `inner-${index}`, parent: null })))
  const together = { connections, timers: repeating() }
  await Promise.all(runs.map((inner) => inner.complete()))
  return {
    alone,
    together,
    distinct: new Set([first, ...others].map(({ holdfast }) => holdfast.createLedger)).size,
    sameRun: others.filter(({ holdfast }) => holdfast.currentRun().id === run.id).length,
    sameRecord: records.filter((record) => record?.id === run.id).length,
    sameError: others.filter(({ holdfast }) => first.holdfast.NoRunError.isInstance(new holdfast.NoRunError('A tool')))
      .length,
  }
})
process.stdout.write(JSON.stringify(result))
