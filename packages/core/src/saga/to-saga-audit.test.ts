import { expect, test } from 'vitest'
import type { ExportedEffect, RunExport } from '../audit/run-export.ts'
import { NotAppliedError } from '../errors/not-applied-error.ts'
import { tool } from '../run/callable-tool.ts'
import { EFFECT_STATUSES, RUN_STATUSES } from '../store/records.ts'
import { temporaryLedger } from '../testing/story.ts'
import { executePlan } from './execute-plan.ts'
import { Outside } from './testing/outside.ts'
import { toSagaAudit } from './to-saga-audit.ts'

const step = (name: string) => ({ tool: name, args: { of: '1' } })
const TIME = expect.stringMatching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/)

test('a plan that was undone is told in the keys of the seed’s audit log', async () => {
  const outside = new Outside()
  const tools = [outside.deed('pay'), outside.failing('ship')]
  const ledger = temporaryLedger()
  await executePlan([step('pay'), step('ship')], tools, { ledger, id: 'x', throws: false })
  expect(toSagaAudit(await ledger.runs.export('x'))).toEqual({
    ...{ saga_id: 'x', status: 'COMPENSATED', created_at: TIME, finished_at: TIME },
    steps: [
      {
        ...{ tool_name: 'pay', args: { of: '1' }, status: 'COMPENSATED', result: { id: 'pay 1' } },
        ...{ error: null, compensation_error: null, executed_at: TIME, compensated_at: TIME },
      },
      {
        ...{ tool_name: 'ship', args: { of: '1' }, status: 'FAILED', result: null },
        ...{ error: 'no ship', compensation_error: null, executed_at: TIME, compensated_at: null },
      },
    ],
  })
})

test('a compensation that failed says why, and is not called undone', async () => {
  const outside = new Outside()
  const stuck = outside.deed(
    'stuck',
    {},
    {
      beforeUndo: () => {
        throw new Error('no refund today')
      },
    },
  )
  const ledger = temporaryLedger()
  await executePlan([step('stuck'), step('ship')], [stuck, outside.failing('ship')], { ledger, id: 'x', throws: false })
  expect(toSagaAudit(await ledger.runs.export('x'))).toMatchObject({
    status: 'COMPENSATION_FAILED',
    steps: [
      { status: 'COMPENSATION_FAILED', compensation_error: 'no refund today', compensated_at: null },
      { status: 'FAILED' },
    ],
  })
})

test('the steps of the runs below stand among its own, in the order in which they began', async () => {
  const outside = new Outside()
  const [before, after] = [outside.deed('before'), outside.deed('after')]
  const ledger = temporaryLedger()
  await ledger.run({ id: 'run' }, async () => {
    await before({ of: '1' })
    await executePlan([step('pay')], [outside.deed('pay')])
    await after({ of: '1' })
  })
  const audit = toSagaAudit(await ledger.runs.export('run', { children: true }))
  expect(audit.steps.map(({ tool_name }) => tool_name)).toEqual(['before', 'pay', 'after'])
})

test('a life that had no effect, or was undone, is no step of its own beside the next', async () => {
  const outside = new Outside()
  let fails = true
  const ship = tool({
    name: 'ship',
    execute: () => (fails ? Promise.reject(new NotAppliedError('down')) : Promise.resolve('sent')),
  })
  const tools = [outside.deed('pay'), ship]
  const ledger = temporaryLedger()
  const plan = [step('pay'), { tool: 'ship' }]
  await executePlan(plan, tools, { ledger, id: 'x', throws: false })
  fails = false
  await executePlan(plan, tools, { ledger, id: 'x', retry: true })
  expect(toSagaAudit(await ledger.runs.export('x'))).toMatchObject({
    status: 'SUCCESS',
    steps: [
      { tool_name: 'pay', status: 'SUCCESS' },
      { tool_name: 'ship', status: 'SUCCESS', result: 'sent' },
    ],
  })
})

test('values that are no JSON do not keep it from being told', async () => {
  const values = tool({ name: 'values', execute: () => [1n, new Date(0), Number.NaN, new Map([[1, undefined]])] })
  const lost = tool({ name: 'lost', execute: () => () => 'a function' })
  const ledger = temporaryLedger()
  await ledger.run({ id: 'run', onError: 'keep' }, async () => {
    await values(undefined)
    await lost(undefined).catch(() => undefined)
  })
  const audit = toSagaAudit(await ledger.runs.export('run'))
  expect(JSON.parse(JSON.stringify(audit))).toEqual(audit)
  expect(audit.steps).toMatchObject([{ status: 'SUCCESS' }, { status: 'SUCCESS', result: null }])
})

const RUNS = {
  ...{ running: 'RUNNING', closing: 'RUNNING', waiting: 'RUNNING', compensating: 'RUNNING' },
  ...{ completed: 'SUCCESS', failed: 'FAILED', canceled: 'FAILED' },
  ...{ compensated: 'COMPENSATED', compensation_failed: 'COMPENSATION_FAILED' },
} as const
const EFFECTS = {
  ...{ processing: 'PENDING', requires_approval: 'PENDING', ready: 'PENDING' },
  ...{ succeeded: 'SUCCESS', compensating: 'SUCCESS' },
  ...{ failed: 'FAILED', unknown: 'FAILED', denied: 'FAILED', canceled: 'FAILED' },
  ...{ compensated: 'COMPENSATED', compensation_failed: 'COMPENSATION_FAILED' },
} as const

test.each(RUN_STATUSES)('a %s run has the seed’s word for it', async (status) => {
  const exported = await exportedRun()
  expect(toSagaAudit({ ...exported, run: { ...exported.run, status } }).status).toBe(RUNS[status])
})

test.each(EFFECT_STATUSES)('a %s effect has the seed’s word for it', async (status) => {
  const exported = await exportedRun()
  const [effect] = exported.effects
  const effects = [{ ...(effect as ExportedEffect), status }]
  expect(toSagaAudit({ ...exported, effects }).steps.map((told) => told.status)).toEqual([EFFECTS[status]])
})

async function exportedRun(): Promise<RunExport> {
  const ledger = temporaryLedger()
  await executePlan([step('pay')], [new Outside().deed('pay')], { ledger, id: 'x' })
  return ledger.runs.export('x')
}
