/** What the seeds must be beaten at where things are tried again, or take too long: S2, in whatever executes a tool. */
import { executePlan, type Ledger, ManualClock, saga, type Tool, tool } from 'holdfast'
import { describe, expect, test } from 'vitest'
import { BOOM, failing } from './support/failing-run.ts'
import { memoryLedger } from './support/ledgers.ts'

/** Every way in which a tool is executed. */
const EXECUTORS: Record<string, (ledger: Ledger, act: Tool<'act', undefined, string>) => Promise<unknown>> = {
  'a run': (ledger, act) => ledger.run({ id: 'x' }, () => act()),
  'a run that performs it': (ledger, act) => ledger.run({ id: 'x' }, (run) => run.perform(act, undefined)),
  'a child run': (ledger, act) => ledger.run({ id: 'x' }, () => ledger.run({ name: 'child' }, () => act())),
  'a saga': (ledger, act) => step(act).execute(undefined, { ledger }),
  'a flat plan': (ledger, act) => executePlan([{ tool: 'act' }], [act], { ledger }),
  'a nested plan': (ledger, act) => executePlan([[{ tool: 'act' }]], [act], { ledger }),
}

const step = (act: Tool<'act', undefined, string>) => saga<void>('s').step('act', act, () => undefined)

describe.each(Object.keys(EXECUTORS))('S2: in %s', (name) => {
  const executor = EXECUTORS[name] as (typeof EXECUTORS)[string]
  const backoff = { initialMs: 100, factor: 2, jitter: 0 }

  test('retries are made, each after its pause, forward and back, under one key each way', async () => {
    const clock = new ManualClock()
    const ledger = memoryLedger({ clock })
    const tried: [string, number][] = []
    const keys = new Set<string>()
    const attempt = (way: string, { attempt: number, idempotencyKey }: { attempt: number; idempotencyKey: string }) => {
      tried.push([way, clock.monotonic()])
      keys.add(`${way} ${idempotencyKey}`)
      if (number < 3) throw new Error('busy')
    }
    const act = tool({
      name: 'act',
      retry: { attempts: 3, backoff },
      execute: (_: undefined, context) => {
        attempt('forward', context)
        return 'done'
      },
      compensate: (_result, _args, context) => attempt('back', context),
    })
    const ended = passing(clock, () => failing(ledger, () => executor(ledger, act), 'outer'))
    expect(await ended).toBe(BOOM)
    const [start, back] = [tried[0]?.[1] ?? 0, tried[3]?.[1] ?? 0]
    expect(tried).toEqual([
      ...[0, 100, 300].map((ms) => ['forward', start + ms]),
      ...[0, 100, 300].map((ms) => ['back', back + ms]),
    ])
    expect(keys.size).toBe(2)
  })

  test('a body that hangs is told to stop when its time is over, and nobody says that it failed', async () => {
    const clock = new ManualClock()
    const ledger = memoryLedger({ clock })
    const told: number[] = []
    const act = tool({
      name: 'act',
      timeoutMs: 5_000,
      execute: (_: undefined, { signal }): Promise<string> =>
        new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => {
            told.push(clock.monotonic())
            reject(signal.reason)
          }),
        ),
    })
    const ended = passing(clock, () => executor(ledger, act).catch((error: unknown) => error))
    await ended
    expect(told).toHaveLength(1)
    expect(told[0]).toBeGreaterThanOrEqual(5_000)
    expect(await ledger.effects.list()).toMatchObject([{ status: 'unknown' }])
  })
})

/** Lets time pass until it has ended. */
async function passing<T>(clock: ManualClock, work: () => Promise<T>): Promise<T> {
  const ended = work()
  let isOver = false
  const over = () => {
    isOver = true
  }
  ended.then(over, over)
  while (!isOver) await clock.advance(10)
  return ended
}
