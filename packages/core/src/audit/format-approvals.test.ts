import { describe, expect, test } from 'vitest'
import { formatRun } from './format-run.ts'
import type { ExportedApproval } from './run-export.ts'
import { body, effect, exported, time } from './testing/exported-run.ts'

function approval(more: Partial<ExportedApproval>): ExportedApproval {
  return {
    ...{ effect: 1, key: '1.refund', generation: 1, tool: 'refund', status: 'approved', from: 'ledger' },
    ...{ reason: null, requestedAt: time(0), expiresAt: null, decidedAt: null, by: null, decisionReason: null },
    ...{ args: { cents: 60_000 }, edited: false },
    ...more,
  }
}

describe('the timeline of a run that asks a human', () => {
  test('tells what was asked, who decided and why, and what was executed', () => {
    const text = formatRun(
      exported(
        [
          [0, 'approval-requested', 1, { tool: 'refund', reason: 'above 500', expiresAt: Date.parse(time(3_600_000)) }],
          [1, 'run-waiting', null],
          [5_000, 'approval-approved', 1, { by: 'ann', reason: 'less will do', edited: true }],
          [5_001, 'run-resumed', null, { attempt: 1, epoch: 2 }],
          [5_002, 'effect-claimed', 1, { tool: 'refund', attempt: 1 }],
          [5_010, 'effect-succeeded', 1],
        ],
        {
          effects: [effect(1, 'refund', { args: { cents: 500 } })],
          approvals: [approval({ args: { cents: 500 }, edited: true, originalArgs: { cents: 60_000 } })],
        },
      ),
    )
    expect(text.split('\n').slice(2, -2)).toEqual([
      '       0 ms  ⚑ refund { cents: 60000 }: needs an approval: "above 500" (open for 1 h 0 min)',
      '       1 ms  ⚑ run waits for a decision: the same id goes on with it',
      '     5.00 s  ✓ refund: approved by ann, but with { cents: 500 }: "less will do"',
      '     5.00 s  ↻ run resumed (attempt 1, epoch 2): it had waited for a decision',
      '     5.00 s  ✓ refund { cents: 500 }  8 ms',
    ])
  })

  test.each([
    ['approval-denied', { by: 'bob', reason: 'no' }, '✗ refund: denied by bob: "no"'],
    ['approval-denied', { reason: null }, '✗ refund: denied'],
    ['approval-expired', { reason: null }, '! refund: nobody decided in time'],
    ['approval-canceled', { reason: 'run over' }, '! refund: the question was canceled: "run over"'],
    ['approval-approved', { by: 'ann', reason: null }, '✓ refund: approved by ann'],
  ] as const)('tells of %s %j', (kind, detail, line) => {
    expect(body([[0, kind, 1, detail]], { approvals: [approval({})] })[0]?.slice(13)).toBe(line)
  })

  test('counts the questions that are open', () => {
    const lines = formatRun(
      exported([[0, 'approval-requested', 1, { tool: 'refund' }]], { approvals: [approval({ status: 'pending' })] }),
    ).split('\n')
    expect(lines[2]).toContain('⚑ refund { cents: 60000 }: needs an approval')
    expect(lines.at(-2)).toContain('0 effects, 1 waiting for a decision, 0 model calls')
  })

  test('tells that a claim by hand, or an unknown outcome, became a question', () => {
    const lines = body(
      [
        [0, 'effect-claimed', 1, { tool: 'refund' }],
        [1, 'approval-requested', 1, { tool: 'refund' }],
        [2, 'effect-claimed', 2, { tool: 'pay' }],
        [3, 'effect-unknown', 2, { reason: 'lease' }],
        [4, 'approval-requested', 2, { tool: 'pay' }],
      ],
      { effects: [effect(1, 'refund'), effect(2, 'pay')] },
    )
    expect(lines[0]).toBe('       0 ms  ⋯ refund: not executed, a human is asked first')
    expect(lines[3]).toBe('       3 ms  ? effect pay: outcome unknown → a human is asked whether to run it again')
  })

  test('tells that bodies were dropped', () => {
    const lines = body([[0, 'bodies-dropped', null, { effects: 2, answers: 0, calls: 1 }]])
    expect(lines).toEqual(['       0 ms  · arguments and results dropped: { effects: 2, answers: 0, calls: 1 }'])
  })
})
