import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { missingBuilds, platformOf } from './missing-builds.mjs'
import { root } from './step.mjs'

const readJson = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'))
const { packages } = readJson('package-lock.json')
const installed = Object.entries(packages).filter(([path, { link }]) => path.includes('node_modules/') && !link)

test('the lockfile names no registry', () => {
  expect(installed.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path)).toEqual([])
})

test('the lockfile pins every package by version, and by its bytes unless it is for another platform', () => {
  const unpinned = installed.filter(([, { version, integrity, optional }]) => !version || !(integrity || optional))
  expect(unpinned.map(([path]) => path)).toEqual([])
})

test('the lockfile knows every workspace and what it depends on', () => {
  const manifests = readJson('package.json').workspaces.flatMap((pattern) =>
    globSync(`${pattern}/package.json`, { cwd: root }),
  )
  expect(manifests.length).toBeGreaterThan(1)
  for (const manifest of manifests) {
    const { dependencies, devDependencies } = readJson(manifest)
    expect(packages[dirname(manifest)]).toMatchObject(JSON.parse(JSON.stringify({ dependencies, devDependencies })))
  }
})

test('the lockfile has the builds for every platform', () => {
  // If not: node scripts/complete-lockfile.mjs
  expect(missingBuilds(packages)).toEqual({})
})

test('a build that is left out is found and pinned as its package says', () => {
  const tool = { optionalDependencies: { '@tool/darwin-64': '1.2.3', '@tool/linux-x64-musl': '1.2.3' }, dev: true }
  const lock = { 'node_modules/tool': tool, 'node_modules/tool/node_modules/@tool/linux-x64-musl': {} }
  expect(missingBuilds(lock)).toEqual({
    'node_modules/@tool/darwin-64': { version: '1.2.3', dev: true, optional: true, os: ['darwin'], cpu: ['x64'] },
  })
})

test('a name without a platform is refused', () => {
  expect(() => platformOf('fsevents')).toThrow('fsevents')
})
