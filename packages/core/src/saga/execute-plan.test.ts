import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { ApprovalRequiredError } from '../errors/approval-required-error.ts'
import { CompensationFailedError } from '../errors/compensation-failed-error.ts'
import { ConfigError } from '../errors/config-error.ts'
import { InvalidArgumentsError } from '../errors/invalid-arguments-error.ts'
import { NoRunError } from '../errors/no-run-error.ts'
import { NotAppliedError } from '../errors/not-applied-error.ts'
import { NotSerializableError } from '../errors/not-serializable-error.ts'
import { RunFailedError } from '../errors/run-failed-error.ts'
import { tool } from '../run/callable-tool.ts'
import { interrupted } from '../testing/interrupted.ts'
import { temporaryLedger } from '../testing/story.ts'
import { executePlan } from './execute-plan.ts'
import type { Plan } from './plan.ts'
import { PlanFailedError } from './plan-failed-error.ts'
import { Outside } from './testing/outside.ts'

const step = (name: string, of = '1') => ({ tool: name, args: { of } })

function shop(outside = new Outside()) {
  const tools = [
    outside.deed('pay'),
    outside.deed('stock'),
    outside.deed('ship'),
    outside.failing('fails'),
    outside.failing('spare', { retry: { scope: 'tool' } }),
  ]
  return { outside, tools, ledger: temporaryLedger({ tools }) }
}

async function failureOf(plan: Promise<unknown>): Promise<PlanFailedError> {
  const error = await plan.catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(PlanFailedError)
  return error as PlanFailedError
}

describe('a plan that succeeds', () => {
  test.each([
    ['flat', [step('pay'), step('stock'), step('ship')], [{ id: 'pay 1' }, { id: 'stock 1' }, { id: 'ship 1' }]],
    [
      'nested',
      [[step('pay'), step('stock')], [step('ship')]],
      [[{ id: 'pay 1' }, { id: 'stock 1' }], [{ id: 'ship 1' }]],
    ],
    ['mixed', [[step('pay'), step('stock')], step('ship')], [[{ id: 'pay 1' }, { id: 'stock 1' }], { id: 'ship 1' }]],
    ['empty', [], []],
  ] as const)('answers a %s list in its own shape', async (_, plan: Plan, results) => {
    const { ledger, tools } = shop()
    const outcome = await executePlan(plan, tools, { ledger })
    expect(outcome).toMatchObject({ status: 'completed', results })
    expect(outcome.steps.map(({ status }) => status)).toEqual(plan.flat().map(() => 'succeeded'))
    expect(await ledger.runs.get(outcome.runId)).toMatchObject({ name: 'plan', status: 'completed' })
  })

  test('says of each step what it was and what became of it', async () => {
    const { ledger, tools } = shop()
    const plan = [step('pay'), [{ ...step('ship', '2'), name: 'send it' }]]
    expect((await executePlan(plan, tools, { ledger })).steps).toEqual([
      {
        ...{ name: 'pay', tool: 'pay', args: { of: '1' }, group: null },
        ...{ status: 'succeeded', result: { id: 'pay 1' }, error: null, attempts: 1 },
      },
      {
        ...{ name: 'send it', tool: 'ship', args: { of: '2' }, group: 2 },
        ...{ status: 'succeeded', result: { id: 'ship 2' }, error: null, attempts: 1 },
      },
    ])
  })

  test('does equal steps twice: they are two effects', async () => {
    const { outside, ledger, tools } = shop()
    await executePlan([step('pay'), step('pay'), [step('pay'), step('pay')]], tools, { ledger })
    expect(outside.log).toEqual(['pay 1', 'pay 1', 'pay 1', 'pay 1'])
  })

  test('finds its tools by the names that a record gives them', async () => {
    const outside = new Outside()
    const { ledger } = shop()
    const outcome = await executePlan([step('charge')], { charge: outside.deed('pay') }, { ledger })
    expect(outcome.steps).toMatchObject([{ tool: 'charge', status: 'succeeded' }])
  })

  test('answers the same when the same id is asked for again, and does nothing', async () => {
    const { outside, ledger, tools } = shop()
    const plan = [step('pay'), step('spare'), [step('stock')]]
    const first = await executePlan(plan, tools, { ledger, id: 'x' })
    expect(first.steps.map(({ status }) => status)).toEqual(['succeeded', 'failed', 'succeeded'])
    const log = [...outside.log]
    expect(await executePlan(plan, tools, { ledger, id: 'x' })).toEqual(first)
    expect(outside.log).toEqual(log)
  })

  test('answers what another run’s effect gave where the tool is once for all', async () => {
    const outside = new Outside()
    const tools = [outside.deed('welcome', { once: 'ledger', keys: ['of'] })]
    const ledger = temporaryLedger()
    const plan = [step('welcome', 'ann')]
    await executePlan(plan, tools, { ledger })
    const outcome = await executePlan(plan, tools, { ledger, id: 'second' })
    expect(outcome).toMatchObject({ results: [{ id: 'welcome ann' }], steps: [{ status: 'succeeded' }] })
    expect(await executePlan(plan, tools, { ledger, id: 'second' })).toEqual(outcome)
    expect(outside.log).toEqual(['welcome ann'])
  })

  test('is a child of the run around it, and goes on where it stopped when that is resumed', async () => {
    const { outside, ledger, tools } = shop()
    const flow = () => executePlan([step('pay'), step('ship')], tools)
    await interrupted(ledger, 'run', flow)
    const outcome = await ledger.run({ id: 'run' }, flow)
    expect(await ledger.runs.get(outcome.runId)).toMatchObject({ parentId: 'run', status: 'completed' })
    expect(outside.log).toEqual(['pay 1', 'ship 1'])
  })

  test('keeps what a tool does not show out of its own record', async () => {
    const ledger = temporaryLedger()
    const card = tool({
      name: 'card',
      execute: ({ pin }: { pin: string }) => ({ answer: `for ${pin}` }),
      record: 'redacted',
    })
    const run = () => executePlan([{ tool: 'card', args: { pin: '4242' } }], [card], { ledger, id: 'x' })
    const first = await run()
    expect(first.results).toEqual([{ answer: 'for 4242' }])
    expect((await run()).results).toEqual(first.results)
    expect(JSON.stringify(await ledger.runs.export('x'))).not.toContain('4242')
  })
})

describe('a plan that fails', () => {
  test('is undone, the last step first, and the error says what became of each', async () => {
    const { outside, ledger, tools } = shop()
    const plan = [step('pay'), [step('stock'), step('stock')], step('fails'), step('ship')]
    const error = await failureOf(executePlan(plan, tools, { ledger, id: 'x' }))
    expect(outside.log).toEqual([
      ...['pay 1', 'stock 1', 'stock 1', 'try fails 1'],
      ...['undo stock 1', 'undo stock 1', 'undo pay 1'],
    ])
    expect(error).toMatchObject({ code: 'run-failed', runId: 'x', runStatus: 'compensated' })
    expect(error.cause).toBeInstanceOf(NotAppliedError)
    expect(error.message).toBe('Run "x" ended as compensated: no fails. What its steps had done is undone.')
    expect(error.plan.steps.map(({ tool: name, status }) => [name, status])).toEqual([
      ['pay', 'compensated'],
      ['stock', 'compensated'],
      ['stock', 'compensated'],
      ['fails', 'failed'],
      ['ship', 'pending'],
    ])
    expect(error.plan).toMatchObject({ runId: 'x', status: 'compensated' })
    expect(error.plan.results).toEqual([{ id: 'pay 1' }, [{ id: 'stock 1' }, { id: 'stock 1' }], undefined, undefined])
    expect(error.plan.steps[3]?.error).toMatchObject({ message: 'no fails' })
  })

  test('shows a client neither arguments nor results', async () => {
    const { ledger, tools } = shop()
    const error = await failureOf(executePlan([step('pay', 'secret'), step('fails')], tools, { ledger, id: 'x' }))
    expect(RunFailedError.isInstance(error)).toBe(true)
    expect(JSON.stringify(error)).not.toContain('secret')
    expect(JSON.parse(JSON.stringify(error)).message).toBe(
      'Run "x" ended as compensated. What its steps had done is undone.',
    )
  })

  test('has nothing to undo if its first step fails', async () => {
    const { outside, ledger, tools } = shop()
    const error = await failureOf(executePlan([step('fails'), step('pay')], tools, { ledger }))
    expect(error.plan).toMatchObject({ status: 'failed', steps: [{ status: 'failed' }, { status: 'pending' }] })
    expect(outside.log).toEqual(['try fails 1'])
  })

  test('resolves with the same facts where it is asked not to throw', async () => {
    const { ledger, tools } = shop()
    const outcome = await executePlan([step('pay'), step('fails')], tools, { ledger, throws: false })
    expect(outcome).toMatchObject({ status: 'compensated', steps: [{ status: 'compensated' }, { status: 'failed' }] })
  })

  test('says the same when it is asked for again, and tries nothing', async () => {
    const { outside, ledger, tools } = shop()
    const run = () => executePlan([step('pay'), step('fails')], tools, { ledger, id: 'x' })
    const first = await failureOf(run())
    const log = [...outside.log]
    const again = await failureOf(run())
    expect(again.plan).toEqual(first.plan)
    expect(NotAppliedError.find(again)).toMatchObject({ message: 'no fails' })
    expect(outside.log).toEqual(log)
  })

  test('says which steps could not be undone', async () => {
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
    const tools = [stuck, outside.deed('pay'), outside.failing('fails')]
    const ledger = temporaryLedger({ tools })
    const error = await failureOf(executePlan([step('stuck'), step('pay'), step('fails')], tools, { ledger, id: 'x' }))
    expect(error.cause).toBeInstanceOf(CompensationFailedError)
    expect(error.message).toContain("ledger.runs.compensate('x')")
    expect(error.plan).toMatchObject({
      status: 'compensation_failed',
      steps: [{ status: 'compensation_failed' }, { status: 'compensated' }, { status: 'failed' }],
    })
    const again = await failureOf(executePlan([step('stuck'), step('pay'), step('fails')], tools, { ledger, id: 'x' }))
    expect(again.cause).toBeInstanceOf(CompensationFailedError)
    expect(again.plan).toEqual(error.plan)
  })

  test('goes on without a step whose tool says that only it has failed', async () => {
    const { outside, ledger, tools } = shop()
    const outcome = await executePlan([step('pay'), [step('spare'), step('stock')], step('ship')], tools, { ledger })
    expect(outcome).toMatchObject({
      status: 'completed',
      results: [{ id: 'pay 1' }, [undefined, { id: 'stock 1' }], { id: 'ship 1' }],
    })
    expect(outcome.steps[1]).toMatchObject({ status: 'failed', error: { message: 'no spare' } })
    expect(outside.log).toEqual(['pay 1', 'try spare 1', 'stock 1', 'ship 1'])
  })

  test('is caught by the run around it, which keeps what it did itself', async () => {
    const { outside, ledger, tools } = shop()
    const [, , ship] = tools
    await ledger.run({ id: 'run' }, async () => {
      await ship?.({ of: '1' })
      await failureOf(executePlan([step('pay'), step('fails')], tools))
    })
    expect(outside.log).toEqual(['ship 1', 'pay 1', 'try fails 1', 'undo pay 1'])
  })

  test('throws as it is what is no failure: that a human is asked', async () => {
    const outside = new Outside()
    const tools = [outside.deed('pay'), outside.deed('refund', { approval: true })]
    const ledger = temporaryLedger({ tools })
    const run = () => executePlan([step('pay'), step('refund')], tools, { ledger, id: 'x', throws: false })
    const error = await run().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ApprovalRequiredError)
    expect(await ledger.runs.get('x')).toMatchObject({ status: 'waiting' })
    await ledger.approvals.approve((error as ApprovalRequiredError).approval.key)
    expect(await run()).toMatchObject({ status: 'completed' })
    expect(outside.log).toEqual(['pay 1', 'refund 1'])
  })
})

describe('a plan is checked before anything of it starts', () => {
  const typed = tool({
    name: 'typed',
    inputSchema: z.object({ cents: z.number() }),
    execute: ({ cents }) => cents,
  })

  test.each([
    ['no list', 'pay' as never, 'must be a list'],
    ['a step that is none', [step('pay'), null as never], 'plan[1]: a step is { tool, args }'],
    ['an unknown tool', [step('pay'), step('refund')], "plan[1]: there is no tool 'refund'; the tools are: pay, typed"],
    [
      'an unknown tool in a group',
      [step('pay'), [step('pay'), step('refund')]],
      "plan[1][1]: there is no tool 'refund'",
    ],
    ['an empty group', [step('pay'), []], 'plan[1]: the group is empty'],
    ['a group in a group', [step('pay'), [[step('pay')] as never]], 'plan[1][0]: a group cannot hold another'],
    ['a misspelt member', [step('pay'), { tool: 'pay', arguments: {} } as never], "no option 'arguments'"],
  ])('refuses %s', async (_, plan: Plan, message) => {
    const outside = new Outside()
    const ledger = temporaryLedger()
    const failed = executePlan(plan, [outside.deed('pay'), typed], { ledger })
    await expect(failed).rejects.toThrow(message)
    await expect(failed).rejects.toThrow(ConfigError)
    expect(outside.log).toEqual([])
    expect(await ledger.runs.list()).toEqual([])
  })

  test('refuses arguments that do not fit, and says of which step', async () => {
    const outside = new Outside()
    const ledger = temporaryLedger()
    const plan = [step('pay'), [step('pay'), { tool: 'typed', args: { cents: '5' } }]]
    const error = await executePlan(plan, [outside.deed('pay'), typed], { ledger }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(InvalidArgumentsError)
    expect(error).toMatchObject({ tool: 'typed', issues: [{ path: 'plan[1][1].args.cents' }] })
    expect(outside.log).toEqual([])
  })

  test('refuses arguments that cannot be recorded', async () => {
    const outside = new Outside()
    const ledger = temporaryLedger()
    const plan = [step('pay'), { tool: 'pay', args: { of: () => 1 } }]
    const error = await executePlan(plan, [outside.deed('pay')], { ledger }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(NotSerializableError)
    expect(error).toMatchObject({ path: 'plan[1].args.of' })
    expect(outside.log).toEqual([])
  })

  test('refuses a step whose key cannot be made', async () => {
    const outside = new Outside()
    const ledger = temporaryLedger()
    const tools = [outside.deed('pay'), outside.deed('keyed', { keys: ['missing' as 'of'] })]
    await expect(executePlan([step('pay'), step('keyed')], tools, { ledger })).rejects.toThrow("'missing' is missing")
    expect(outside.log).toEqual([])
  })

  test('refuses two tools of one name, and what is no tool', async () => {
    const ledger = temporaryLedger()
    await expect(executePlan([], [typed, typed], { ledger })).rejects.toThrow("two are called 'typed'")
    await expect(executePlan([], { pay: (() => 1) as never }, { ledger })).rejects.toThrow("'pay' is no tool")
  })

  test('executes the arguments that were checked, whatever happens to the caller’s own', async () => {
    const { outside, ledger, tools } = shop()
    const shared = { of: 'checked' }
    const spoil = tool({
      name: 'spoil',
      execute: () => {
        shared.of = 'changed'
      },
    })
    await executePlan([{ tool: 'spoil' }, { tool: 'pay', args: shared }], [...tools, spoil], { ledger })
    expect(outside.log).toEqual(['pay checked'])
  })

  test('needs a ledger, and options that something reads', async () => {
    await expect(executePlan([], [typed])).rejects.toThrow(NoRunError)
    const ledger = temporaryLedger()
    await expect(executePlan([], [typed], { ledger, throw: false } as never)).rejects.toThrow("no option 'throw'")
  })
})
