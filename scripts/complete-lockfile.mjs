// Adds to package-lock.json the builds for other platforms that npm left out; run after a dependency changes.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { missingBuilds } from './lib/missing-builds.mjs'
import { root, say } from './lib/step.mjs'

const path = join(root, 'package-lock.json')
const lock = JSON.parse(readFileSync(path, 'utf8'))
const missing = missingBuilds(lock.packages)

lock.packages = Object.fromEntries(
  Object.entries({ ...lock.packages, ...missing }).sort(([one], [other]) => (one < other ? -1 : 1)),
)
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
say(`added ${Object.keys(missing).length} builds to package-lock.json`)
