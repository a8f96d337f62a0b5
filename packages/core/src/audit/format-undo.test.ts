import { describe, expect, test } from 'vitest'
import { formatRun } from './format-run.ts'
import type { ExportedEffect, RunExport } from './run-export.ts'
import { body, effect, exported, run, time } from './testing/exported-run.ts'

const error = { name: 'Error', message: 'no courier', fields: {} }
const down = { name: 'Error', message: 'the bank is closed', fields: {} }
const undone = { attempts: 1, endedAt: time(9) }
const { output: _, ...ended } = run
const failed = { ...ended, name: null, tags: [], error }

function compensatedEffect(id: number, tool: string, more: Partial<ExportedEffect> = {}): ExportedEffect {
  return effect(id, tool, { status: 'compensated', compensation: undone, ...more })
}

const order: RunExport = exported(
  [
    [0, 'run-opened', null, { attempt: 1, epoch: 1 }],
    [1, 'effect-claimed', 1, { tool: 'charge-card', generation: 1, attempt: 1, epoch: 1 }],
    [121, 'effect-succeeded', 1, { attempt: 1 }],
    [122, 'effect-claimed', 2, { tool: 'send-mail', generation: 1, attempt: 1, epoch: 1 }],
    [130, 'effect-succeeded', 2, { attempt: 1 }],
    [131, 'effect-claimed', 3, { tool: 'reserve-stock', generation: 1, attempt: 1, epoch: 1 }],
    [140, 'effect-succeeded', 3, { attempt: 1 }],
    [141, 'effect-claimed', 4, { tool: 'book-shipping', generation: 1, attempt: 1, epoch: 1 }],
    [200, 'effect-failed', 4, { attempt: 1, certainty: 'not_applied' }],
    [201, 'run-compensating', null, { epoch: 2 }],
    [202, 'compensation-claimed', 3, { tool: 'reserve-stock', generation: 1, attempt: 1, epoch: 2 }],
    [210, 'effect-compensated', 3, { attempt: 1 }],
    [211, 'compensation-claimed', 1, { tool: 'charge-card', generation: 1, attempt: 1, epoch: 2 }],
    [300, 'effect-compensated', 1, { attempt: 1 }],
    [301, 'run-closed', null, { status: 'compensated' }],
  ],
  {
    run: { ...failed, status: 'compensated', endedAt: time(301) },
    effects: [
      compensatedEffect(1, 'charge-card', { args: { cents: 2_500 }, result: { id: 'ch_1' } }),
      effect(2, 'send-mail', { irreversible: true, result: 'sent' }),
      compensatedEffect(3, 'reserve-stock', { args: { sku: 'tea' }, result: 'r1' }),
      effect(4, 'book-shipping', { status: 'failed', error }),
    ],
  },
)

describe('the timeline of a compensated run', () => {
  test('shows the undo beside what it undid, and where it happened', () => {
    expect(formatRun(order).split('\n')).toEqual([
      'run order-42 · compensated · 1 attempt · 301 ms',
      '       0 ms  ● run opened',
      '       1 ms  ✓ charge-card { cents: 2500 } → { id: "ch_1" }  120 ms  ↩ compensated',
      '     122 ms  ✓ send-mail → "sent"  8 ms  ⊘ irreversible',
      '     131 ms  ✓ reserve-stock { sku: "tea" } → "r1"  9 ms  ↩ compensated',
      '     141 ms  ✗ book-shipping: no courier  59 ms',
      '     201 ms  ✗ run failed: no courier → compensating',
      '     202 ms  ↩ compensate reserve-stock { sku: "tea" }  8 ms',
      '     211 ms  ↩ compensate charge-card { cents: 2500 }  89 ms',
      '     301 ms  ↩ run compensated',
      '             4 effects, 2 compensated, 0 model calls',
      '',
    ])
  })

  test('is the same text with colours, and no line is wider than asked', () => {
    const coloured = formatRun(order, { color: true })
    expect(coloured).toContain('\u001B[32m  ↩ compensated\u001B[0m')
    expect(coloured).toContain('\u001B[33m  ⊘ irreversible\u001B[0m')
    const plain = coloured.split('\u001B[').map((part, index) => (index === 0 ? part : part.replace(/^\d+m/, '')))
    expect(plain.join('')).toBe(formatRun(order))
    const narrow = formatRun(order, { width: 60 }).split('\n')
    expect(Math.max(...narrow.map((line) => line.length))).toBeLessThanOrEqual(60)
    expect(narrow[2]).toMatch(/… {2}120 ms {2}↩ compensated$/)
  })

  test('says nothing of undoing where nothing was undone', () => {
    const lines = body(
      [
        [0, 'effect-claimed', 1],
        [1, 'effect-succeeded', 1],
        [2, 'run-closed', null, { status: 'failed' }],
      ],
      { run: { ...failed, status: 'failed' }, effects: [effect(1, 'pay', { irreversible: true })] },
    )
    expect(lines[0]).toBe('       0 ms  ✓ pay  1 ms')
  })

  test('tells attempts, takeovers, failures and what is left', () => {
    const lines = body(
      [
        [0, 'effect-claimed', 1],
        [1, 'effect-succeeded', 1],
        [2, 'effect-claimed', 2],
        [3, 'effect-succeeded', 2],
        [4, 'effect-claimed', 3],
        [5, 'effect-unknown', 3, { reason: 'in_doubt' }],
        [6, 'run-compensating', null, { epoch: 2 }],
        [7, 'compensation-claimed', 2, { generation: 1, attempt: 1 }],
        [8, 'compensation-retried', 2, { attempt: 1, error: down }],
        [9, 'run-released', null],
        [9, 'run-compensating', null, { epoch: 3 }],
        [10, 'compensation-claimed', 2, { generation: 1, attempt: 3 }],
        [14, 'compensation-failed', 2, { error: down }],
        [15, 'run-closed', null, { status: 'compensation_failed' }],
      ],
      {
        run: { ...failed, status: 'compensation_failed' },
        effects: [
          effect(1, 'pay'),
          effect(2, 'ship', {
            status: 'compensation_failed',
            compensation: { attempts: 3, error: down, endedAt: null },
          }),
          effect(3, 'mail', { status: 'unknown' }),
        ],
      },
    )
    expect(lines).toEqual([
      '       0 ms  ✓ pay  1 ms  ✗ not compensated',
      '       2 ms  ✓ ship  1 ms  ✗ compensation failed',
      '       4 ms  ? mail: no outcome recorded',
      '       5 ms  ? effect mail: outcome unknown  ✗ not compensated',
      '       6 ms  ✗ run failed: no courier → compensating',
      '       7 ms  ↻ compensate ship: the bank is closed, to be tried again  1 ms',
      '       8 ms  ? compensate ship (attempt 2): no outcome recorded',
      '       9 ms  ● compensation let go: whoever has the tools goes on with it',
      '       9 ms  ↻ compensation taken over (epoch 3)',
      '      10 ms  ✗ compensate ship (attempt 3): the bank is closed  4 ms',
      '      15 ms  ✗ run compensation_failed: not all that it did is undone',
    ])
  })

  test('says of one that is at it what is being done and what is to come', () => {
    const lines = body(
      [
        [0, 'effect-claimed', 1],
        [1, 'effect-succeeded', 1],
        [2, 'effect-claimed', 2],
        [3, 'effect-succeeded', 2],
        [4, 'run-compensating', null, { epoch: 2, aborted: true }],
        [5, 'compensation-claimed', 2, { attempt: 1 }],
      ],
      {
        run: { ...failed, status: 'compensating', endedAt: null },
        effects: [effect(1, 'pay'), effect(2, 'ship', { status: 'compensating' })],
      },
    )
    expect(lines.map((line) => line.slice(13))).toEqual([
      '✓ pay  1 ms  ⋯ to be compensated',
      '✓ ship  1 ms  ⋯ being compensated',
      '✗ run aborted: no courier → compensating',
      '⋯ compensate ship: in progress',
    ])
  })

  test('names what another effect’s compensation undid', () => {
    const lines = body(
      [
        [0, 'run-compensating', null, { epoch: 2 }],
        [1, 'compensation-claimed', 1, { attempt: 1 }],
        [2, 'effect-compensated', 1, { attempt: 1 }],
        [2, 'effect-compensated', 2, { by: 1 }],
        [2, 'effect-compensated', 3, { by: 99 }],
      ],
      {
        run: { ...failed, status: 'compensating' },
        effects: [
          compensatedEffect(1, 'trip'),
          compensatedEffect(2, 'hotel', { lane: 'body-1', parent: 1 }),
          compensatedEffect(3, 'train'),
        ],
      },
    )
    expect(lines.slice(1)).toEqual([
      '       1 ms  ↩ compensate trip  1 ms',
      '       2 ms  ↩ effect hotel: compensated with trip',
      '       2 ms  ↩ effect train: compensated with what it was part of',
    ])
  })

  test('tells of a retry after it, whose error is its own', () => {
    const lines = body(
      [
        [0, 'effect-claimed', 1, { generation: 1 }],
        [1, 'effect-succeeded', 1],
        [2, 'run-compensating', null, { epoch: 2 }],
        [3, 'compensation-claimed', 1, { generation: 1, attempt: 1 }],
        [4, 'effect-compensated', 1],
        [5, 'run-closed', null, { status: 'compensated' }],
        [6, 'run-retried', null, { attempt: 2, epoch: 3 }],
        [7, 'effect-claimed', 2, { generation: 2 }],
        [8, 'effect-succeeded', 2],
        [9, 'run-closed', null, { status: 'failed' }],
      ],
      {
        run: { ...failed, status: 'failed', attempt: 2, endedAt: time(9) },
        effects: [compensatedEffect(1, 'pay'), effect(2, 'pay', { generation: 2 })],
      },
    )
    expect(lines.map((line) => line.slice(13))).toEqual([
      '✓ pay  1 ms  ↩ compensated',
      '✗ run failed → compensating',
      '↩ compensate pay  1 ms',
      '↩ run compensated',
      '↻ run retried (attempt 2, epoch 3)',
      '✓ pay (generation 2)  1 ms',
      '✗ run failed: no courier',
    ])
  })

  test('shows the undo of a child’s effect in the child’s part', () => {
    const child = exported(
      [
        [5, 'run-opened'],
        [6, 'effect-claimed', 7],
        [8, 'effect-succeeded', 7],
        [8, 'effect-claimed', 8],
        [9, 'effect-succeeded', 8],
        [9, 'run-closed', null, { status: 'completed' }],
        [20, 'compensation-claimed', 7, { attempt: 1 }],
        [22, 'effect-compensated', 7],
        [30, 'run-closed', null, { status: 'compensated' }],
      ],
      {
        run: { ...failed, id: 'c', name: 'mail', status: 'compensated', createdAt: time(5), endedAt: time(9) },
        effects: [compensatedEffect(7, 'send'), effect(8, 'log', { irreversible: true })],
      },
    )
    const lines = body(
      [
        [0, 'run-opened'],
        [15, 'run-compensating', null, { epoch: 2 }],
        [30, 'run-closed', null, { status: 'compensated' }],
      ],
      { run: { ...failed, status: 'compensated', endedAt: time(30) }, childExports: [child] },
    )
    expect(lines).toEqual([
      '       0 ms  ● run opened',
      '       5 ms  ● child run mail: compensated  4 ms',
      '       5 ms    ● run opened',
      '       6 ms    ✓ send  2 ms  ↩ compensated',
      '       8 ms    ✓ log  1 ms  ⊘ irreversible',
      '       9 ms    ✓ run completed',
      '      20 ms    ↩ compensate send  2 ms',
      '      30 ms    ↩ run compensated',
      '      15 ms  ✗ run failed: no courier → compensating',
      '      30 ms  ↩ run compensated',
    ])
  })

  test.each([
    ['run-closed', 'compensation asked for (epoch 3)'],
    ['run-waiting', 'compensation asked for (epoch 3)'],
    ['run-canceled', 'compensation asked for (epoch 3)'],
  ] as const)('tells that it was asked for after %s', (kind, text) => {
    const lines = body([
      [0, kind, null, { status: 'completed' }],
      [1, 'run-compensating', null, { epoch: 3 }],
    ])
    expect(lines[1]).toBe(`       1 ms  ↻ ${text}`)
  })
})
