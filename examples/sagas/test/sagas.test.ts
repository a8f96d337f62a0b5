import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'

it('order-flow undoes the steps before the one that failed, and draws the timeline', () => {
  const output = run('order-flow.ts')
  expect(output.split('\n').slice(0, 9)).toEqual([
    'charged 15000 for ORD-1',
    'took 2 of ITEM-A',
    'the carrier does not answer',
    'the carrier does not answer',
    'the carrier does not answer',
    'put 2 of ITEM-A back',
    'refunded 15000 of TX-ORD-1',
    '',
    'compensated: pay compensated, take-stock compensated, ship failed',
  ])
  expect(output).toContain('Connection timeout')
})

it('parallel-order-flow undoes a completed checkout with the run around it', () => {
  const lines = run('parallel-order-flow.ts').trim().split('\n')
  expect(lines.slice(0, 4)).toEqual([
    'charged 15000 for ORD-2',
    'took 2 of ITEM-A',
    'shipped to Seoul, paid by TX-ORD-2',
    'stopped TR-1',
  ])
  expect(lines.slice(4, 6).toSorted()).toEqual(['put 2 of ITEM-A back', 'refunded 15000 of TX-ORD-2'])
  expect(lines.slice(6)).toEqual(['failed: the customer called: stop TR-1'])
})

it('retry-flow ships at the third attempt, and does without the mail', () => {
  expect(run('retry-flow.ts').trim().split('\n')).toEqual([
    'charged 15000 for ORD-3',
    'the mail server is down',
    'the carrier does not answer',
    'the carrier does not answer',
    'shipped to Seoul',
    'shipped as TR-1; mail: not sent',
  ])
})

function run(program: string): string {
  const path = join(import.meta.dirname, '..', 'src', program)
  return execFileSync(process.execPath, ['--conditions=@holdfast/source', path], { encoding: 'utf8' })
}
