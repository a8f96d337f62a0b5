import { formatUsd } from '../usd.ts'
import { clip } from './brief-value.ts'
import { durationText } from './duration-text.ts'
import { BOLD, DIM, type Paint, painter, SIGNS } from './paint.ts'
import type { ExportedCall, RunExport } from './run-export.ts'
import { timelineOf } from './timeline.ts'
import type { TimelineLine } from './timeline-line.ts'
import { type TokenCounts, tokensOf, tokensText } from './token-counts.ts'

const TIME_WIDTH = 11
const MIN_TEXT_WIDTH = 20

export interface FormatOptions {
  /** With terminal colours. @default false */
  readonly color?: boolean
  /** No line is longer, in characters. @default 120 */
  readonly width?: number
}

/** The run's timeline as a person reads it: what happened when, what it came to, how long it took. */
export function formatRun(exported: RunExport, options: FormatOptions = {}): string {
  const { color = false, width = 120 } = options
  const paint = painter(color)
  const start = Date.parse(exported.run.createdAt)
  const lines = timelineOf(exported).map((line) => lineText(line, start, width, paint))
  return [...header(exported, width, paint), ...lines, paint(DIM, summary(exported)), ''].join('\n')
}

function header({ run, attempts }: RunExport, width: number, paint: Paint): string[] {
  const { id, name, thread, tags, parentId, createdAt, endedAt } = run
  const resumed = attempts.reduce((sum, attempt) => sum + attempt.resumed, 0)
  const facts = [
    run.dead ? `${run.status}, but its owner is gone` : run.status,
    plural(run.attempt, 'attempt'),
    ...(resumed > 0 ? [`resumed ${resumed === 1 ? 'once' : `${resumed} times`}`] : []),
    ...(endedAt === null ? [] : [durationText(Date.parse(endedAt) - Date.parse(createdAt))]),
    ...(run.unprotected ? ['in part unprotected'] : []),
  ]
  const more = [
    ...(name === null ? [] : [name]),
    ...(thread === null ? [] : [`thread ${thread}`]),
    ...(parentId === null ? [] : [`child of ${parentId}`]),
    ...(tags.length === 0 ? [] : [`tags ${tags.join(', ')}`]),
  ]
  const title = clip(`run ${id} · ${facts.join(' · ')}`, width)
  return [paint(BOLD, title), ...(more.length === 0 ? [] : [paint(DIM, clip(more.join(' · '), width))])]
}

function lineText(line: TimelineLine, start: number, width: number, paint: Paint): string {
  const { kind, text, at, tookMs, depth, mark } = line
  const time = (at === null ? '' : durationText(at - start)).padStart(TIME_WIDTH)
  const took = tookMs === null ? '' : `  ${durationText(tookMs)}`
  const indent = '  '.repeat(depth)
  const { sign, colour } = SIGNS[kind]
  const undo = mark === undefined ? '' : `  ${SIGNS[mark.kind].sign} ${mark.text}`
  const room = Math.max(MIN_TEXT_WIDTH, width - time.length - indent.length - took.length - undo.length - 4)
  const head = `${paint(DIM, time)}  ${indent}${paint(colour, sign)} ${clip(text, room)}${paint(DIM, took)}`
  return mark === undefined ? head : `${head}${paint(SIGNS[mark.kind].colour, undo)}`
}

function summary({ effects, approvals, answers, calls, cost }: RunExport): string {
  const served = answers.filter(({ kind }) => kind === 'hit' || kind === 'join').length
  const tokens = totalTokens(calls)
  const parts = [
    plural(effects.length, 'effect'),
    ...counted(effects, 'compensated', 'compensated'),
    ...counted(effects, 'compensation_failed', 'not compensated'),
    ...counted(approvals, 'pending', 'waiting for a decision'),
    ...(served > 0 ? [`${served} answered without acting again`] : []),
    `${plural(calls.length, 'model call')}${tokens === undefined ? '' : ` (${tokensText(tokens)})`}`,
    ...(cost.spentNano > 0 ? [`${formatUsd(cost.spentNano)} spent`] : []),
    ...(cost.heldNano > 0 ? [`${formatUsd(cost.heldNano)} held`] : []),
  ]
  return `${' '.repeat(TIME_WIDTH)}  ${parts.join(', ')}`
}

function counted(rows: readonly { readonly status: string }[], status: string, words: string): string[] {
  const count = rows.filter((row) => row.status === status).length
  return count === 0 ? [] : [`${count} ${words}`]
}

function totalTokens(calls: readonly ExportedCall[]): TokenCounts | undefined {
  const known = calls.map(({ usage }) => tokensOf(usage)).filter((tokens) => tokens !== undefined)
  if (known.length === 0) return undefined
  return known.reduce((sum, { input, output }) => ({ input: sum.input + input, output: sum.output + output }))
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
