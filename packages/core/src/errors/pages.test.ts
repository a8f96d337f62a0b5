import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'

interface NamedClass {
  readonly name: string
  readonly code: string
}

const pagesFolder = join(import.meta.dirname, '..', '..', '..', '..', 'docs', 'errors')
const pages = globSync('*.md', { cwd: pagesFolder }).map((file) => basename(file, '.md'))

test('every error class has a page, and every page a class', async () => {
  const classes = await errorClasses()
  expect(classes.length).toBeGreaterThan(0)
  expect(pages.toSorted()).toEqual(classes.map(({ code }) => code).toSorted())
})

test('a page is headed by its class and shows an error of its code', async () => {
  for (const { name, code } of await errorClasses()) {
    const page = readFileSync(join(pagesFolder, `${code}.md`), 'utf8')
    const [, json = '{}'] = /```json\n(.*?)```/s.exec(page) ?? []
    expect(page.startsWith(`# ${name}\n`), `the title of ${code}.md`).toBe(true)
    expect(JSON.parse(json)).toMatchObject({ code })
  }
})

/** Read from the folder and not from a list, so that a class that is forgotten elsewhere is found here. */
async function errorClasses(): Promise<NamedClass[]> {
  const files = globSync('*-error.ts', { cwd: import.meta.dirname })
  const modules = await Promise.all(files.map((file) => import(join(import.meta.dirname, file)) as Promise<object>))
  return modules.flatMap((module) => Object.values(module)).filter(isErrorClass)
}

function isErrorClass(value: unknown): value is NamedClass {
  if (typeof value !== 'function' || !Object.hasOwn(value, 'code')) return false
  // The base has no page: nobody throws it.
  return (value as unknown as NamedClass).code !== ''
}
