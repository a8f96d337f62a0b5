import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { connect } from './driver.ts'
import { migrate } from './migrate.ts'

const document = readFileSync(new URL('../../../../../docs/architecture/schema.md', import.meta.url), 'utf8')

/** The part of the page that is about one table: its section, or its item in a list. */
function partAbout(table: string): string {
  const section = new RegExp(`^## ${table}\\b.*?(?=^## )|^## ${table}\\b.*`, 'ms').exec(document)?.[0]
  const item = new RegExp(`^- \`${table}\`:.*$`, 'm').exec(document)?.[0]
  return section ?? item ?? ''
}

test('the page about the schema names every table and every column', () => {
  const database = connect(':memory:', 0)
  migrate(database, { mode: 'auto', now: () => 0, warn: () => {} })
  const columns = database
    .prepare<{ table_name: string; name: string }>(
      `SELECT t.name AS table_name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c
       WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'`,
    )
    .all()
  database.close()
  expect(columns.length).toBeGreaterThan(100)
  const missing = columns.filter(({ table_name, name }) => !partAbout(table_name).includes(`\`${name}\``))
  expect(missing).toEqual([])
})
