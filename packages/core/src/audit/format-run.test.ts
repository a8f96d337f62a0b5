import { describe, expect, test } from 'vitest'
import { formatRun } from './format-run.ts'
import { answer, body, call, effect, exported, run, time } from './testing/exported-run.ts'

const crash = exported(
  [
    [0, 'run-opened', null, { attempt: 1, epoch: 1 }],
    [1, 'call-reserved', null, { call: 1 }],
    [101, 'call-settled', null, { call: 1 }],
    [102, 'effect-claimed', 1, { tool: 'charge-card', generation: 1, attempt: 1, epoch: 1 }],
    [1_800, 'run-resumed', null, { attempt: 1, epoch: 2, reason: 'dead' }],
    [1_801, 'effect-unknown', 1, { reason: 'lease', attempt: 1, epoch: 2 }],
    [1_802, 'effect-taken-over', 1, { tool: 'charge-card', generation: 1, attempt: 2, epoch: 3 }],
    [1_922, 'effect-succeeded', 1, { attempt: 2 }],
    [1_923, 'effect-claimed', 2, { tool: 'book-shipping', generation: 1, attempt: 1, epoch: 1 }],
    [2_000, 'effect-succeeded', 2, { attempt: 1 }],
    [2_500, 'run-closed', null, { status: 'completed' }],
  ],
  {
    attempts: [{ number: 1, startedAt: time(0), endedAt: time(2_500), resumed: 1 }],
    effects: [
      effect(1, 'charge-card', { args: { cents: 2_500, card: 'card_1' }, result: { id: 'ch_1' }, attempt: 2 }),
      effect(2, 'book-shipping', { result: null }),
    ],
    calls: [call(1, 1, { usage: { input: 812, output: 40 } })],
    answers: [answer(8, { kind: 'hit', name: 'charge-card', effect: 1 })],
  },
)

describe('the timeline of a run', () => {
  test('tells the story of a crash', () => {
    expect(formatRun(crash).split('\n')).toEqual([
      'run order-42 · completed · 1 attempt · resumed once · 2.50 s',
      'checkout · tags vip',
      '       0 ms  ● run opened',
      '       1 ms  ◆ model gpt-5 → 812 tokens in, 40 out  100 ms',
      '     102 ms  ? charge-card { cents: 2500, card: "card_1" }: no outcome recorded',
      '     1.80 s  ↻ run resumed (attempt 1, epoch 2): owner died',
      '     1.80 s  ? effect charge-card: outcome unknown → run again under the same key',
      '     1.80 s  ✓ charge-card (attempt 2) { cents: 2500, card: "card_1" } → { id: "ch_1" }  120 ms',
      '             ↺ charge-card: happened before, answered from the record',
      '     1.92 s  ✓ book-shipping → null  77 ms',
      '     2.50 s  ✓ run completed → { ok: true }',
      '             2 effects, 1 answered without acting again, 1 model call (812 tokens in, 40 out)',
      '',
    ])
  })

  test('is without colours unless they are asked for, and the same text with them', () => {
    const coloured = formatRun(crash, { color: true })
    expect(formatRun(crash)).not.toContain('\u001B')
    expect(coloured).toContain('\u001B[32m✓')
    const plain = coloured.split('\u001B[').map((part, index) => (index === 0 ? part : part.replace(/^\d+m/, '')))
    expect(plain.join('')).toBe(formatRun(crash))
  })

  test('has no line wider than asked, and keeps what each line took', () => {
    const lines = formatRun(crash, { width: 60 }).split('\n').slice(0, -2)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60)
    expect(lines.some((line) => line.endsWith('…  120 ms'))).toBe(true)
  })

  test('indents what happened within the body of an effect', () => {
    const lines = body(
      [
        [0, 'effect-claimed', 1],
        [1, 'call-reserved', 1],
        [2, 'effect-claimed', 2],
        [3, 'effect-succeeded', 2],
        [4, 'effect-succeeded', 1],
      ],
      {
        effects: [effect(1, 'research'), effect(2, 'search', { lane: 'body-1', parent: 1 })],
        calls: [call(1, 1, { lane: 'body-1' })],
        answers: [answer(3, { kind: 'read', name: 'look', lane: 'body-2', value: 7 })],
      },
    )
    expect(lines).toEqual([
      '       0 ms  ✓ research  4 ms',
      '       1 ms    ◆ model gpt-5  100 ms',
      '       2 ms    ✓ search  1 ms',
      '                 ○ look → 7',
    ])
  })

  test('names failures, repeated attempts and later generations', () => {
    const declined = { name: 'CardError', message: 'declined\nby the bank', fields: {} }
    const lines = body(
      [
        [0, 'effect-claimed', 1, { generation: 1, attempt: 1 }],
        [5, 'effect-retried', 1, { attempt: 1, error: { name: 'Error', message: 'reset', fields: {} } }],
        [9, 'effect-failed', 1, { attempt: 2, certainty: 'not_applied' }],
        [10, 'effect-claimed', 2, { generation: 2, attempt: 1 }],
        [12, 'effect-succeeded', 2],
      ],
      { effects: [effect(1, 'pay', { status: 'failed', error: declined }), effect(2, 'pay', { generation: 2 })] },
    )
    expect(lines).toEqual([
      '       0 ms  ↻ pay: reset, to be tried again  5 ms',
      '       5 ms  ✗ pay (attempt 2): CardError: declined by the bank  4 ms',
      '      10 ms  ✓ pay (generation 2)  2 ms',
    ])
  })

  test.each([
    ['applied', 'human', '● effect pay: unknown → it had happened (human: "seen in the bank")'],
    ['not_applied', 'reconcile', '● effect pay: unknown → it had not happened (reconcile: "seen in the bank")'],
    ['unknown', 'reconcile', '● effect pay: unknown → still nobody knows (reconcile: "seen in the bank")'],
  ])('tells that an unknown effect was found %s', (decision, by, line) => {
    const lines = body(
      [
        [0, 'effect-claimed', 1],
        [1, 'effect-unknown', 1, { reason: 'in_doubt' }],
        [2, 'effect-resolved', 1, { decision, by, note: 'seen in the bank' }],
      ],
      { effects: [effect(1, 'pay', { error: { name: 'Error', message: 'socket closed', fields: {} } })] },
    )
    expect(lines[0]).toBe('       0 ms  ? pay: socket closed')
    expect(lines[1]).toBe('       1 ms  ? effect pay: outcome unknown')
    expect(lines[2]).toContain(line)
  })

  test('tells late answers: those that count and those that do not', () => {
    const lines = body(
      [
        [0, 'effect-claimed', 1],
        [1, 'effect-unknown', 1, { reason: 'lease' }],
        [2, 'effect-evidence', 1, { outcome: 'succeeded' }],
        [3, 'late-outcome', 1, { outcome: 'failed' }],
      ],
      { effects: [effect(1, 'pay')] },
    )
    expect(lines.slice(2)).toEqual([
      '       2 ms  ✓ effect pay: its late answer settled it: succeeded',
      '       3 ms  ! effect pay: an answer came after it was taken over: failed, kept for whoever asks',
    ])
  })

  test('says of a run that is dead what was left open', () => {
    const dead = { ...run, status: 'running', dead: true, endedAt: null, name: null, tags: [] } as const
    const text = formatRun(
      exported([[0, 'effect-claimed', 1]], {
        run: dead,
        effects: [effect(1, 'pay', { status: 'processing' })],
        calls: [call(1, 0, { status: 'open', endedAt: null })],
      }),
    )
    expect(text).toContain('run order-42 · running, but its owner is gone · 1 attempt')
    expect(text).toContain('⋯ pay: no outcome recorded')
    expect(text).toContain('⋯ model gpt-5: no answer recorded')
  })

  test('tells how a run ended, halted, was retried, let go, canceled or differed from its record', () => {
    const error = { name: 'Error', message: 'no more', fields: {} }
    const failed = { ...run, name: null, tags: [], status: 'failed', error, endedAt: time(9) } as const
    const lines = body(
      [
        [0, 'run-opened', null, {}],
        [1, 'run-halted', null, { error }],
        [2, 'run-closed', null, { status: 'failed' }],
        [3, 'run-retried', null, { attempt: 2, epoch: 2 }],
        [4, 'run-released', null],
        [5, 'run-resumed', null, { attempt: 2, epoch: 3 }],
        [6, 'divergence', null, { path: 'messages[2].content' }],
        [7, 'run-canceled', null, { error }],
        [9, 'run-closed', null, { status: 'failed' }],
      ],
      { run: failed },
    ).map((line) => line.slice(13))
    expect(lines).toEqual([
      '● run opened',
      '✗ run halted: no more',
      '✗ run failed',
      '↻ run retried (attempt 2, epoch 2)',
      '● run let go: the same id goes on with it',
      '↻ run resumed (attempt 2, epoch 3): it had been let go',
      '! differs from the record at messages[2].content',
      '✗ run canceled: no more',
      '✗ run failed: no more',
    ])
  })

  test('holds the timelines of child runs where they began', () => {
    const child = exported([[0, 'run-opened']], {
      run: { ...run, id: 'order-42/mail', name: 'mail', createdAt: time(5) },
    })
    const lines = body(
      [
        [0, 'run-opened'],
        [9, 'run-closed', null, { status: 'completed' }],
      ],
      { childExports: [child] },
    )
    expect(lines[1]).toContain('● child run mail: completed')
    expect(lines[2]).toMatch(/^ +0 ms {4}● run opened/)
  })

  test('cannot be steered by what it shows', () => {
    const lines = body([[0, 'effect-claimed', 1]], {
      effects: [effect(1, 'pay\u001B[2J', { args: { text: '\u001B[31m\n'.repeat(9) } })],
    })
    expect(lines).toHaveLength(1)
    expect(lines[0]).not.toContain('\u001B')
  })
})
