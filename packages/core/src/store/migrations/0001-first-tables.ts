import { createEffectTables } from './0001-effects.ts'
import { createMoneyTables } from './0001-money.ts'
import { createRunTables } from './0001-runs.ts'
import { createViews } from './0001-views.ts'
import type { Migration } from './migration.ts'

/** All tables of the design, also those that later versions fill: they then only add rows. */
export const firstTables: Migration = {
  id: 1,
  name: 'first tables',
  breaking: true,
  sql: [createRunTables, createEffectTables, createMoneyTables, createViews].join('\n'),
}
