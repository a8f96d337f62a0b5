import { relative } from 'node:path'
import { styleText } from 'node:util'
import { formatRun, type RunExport } from 'holdfast'

const TIMELINE_WIDTH = 116
const LINES = new RegExp(`(.{1,${TIMELINE_WIDTH}})(?: |$)`, 'g')

type Style = Parameters<typeof styleText>[0]

// hasColors knows of NO_COLOR; a pipe never gets colours.
const inColor = process.stdout.isTTY === true && process.stdout.hasColors()

/** A scene's title. */
export function heading(text: string): void {
  console.log(`\n${style('bold', text)}\n`)
}

/** A line of the story. */
export function say(text: string): void {
  console.log(indented(text))
}

/** Something shown as it is: a log, a timeline, a command. */
export function show(text: string): void {
  console.log(`\n${indented(text)}\n`)
}

/** A run as the ledger tells it. */
export function showRun(run: RunExport): void {
  show(formatRun(run, { color: inColor, width: TIMELINE_WIDTH }).trimEnd())
}

/** What somebody said. */
export function quote(text: string): void {
  console.log(indented(style('italic', `"${text}"`.replace(LINES, '$1\n').trimEnd())))
}

/**
 * Prints what a scene has proven, and first checks that it is true.
 *
 * @throws if one of the facts does not hold: then the demo fails instead of printing it.
 */
export function prove(sentence: string, facts: Readonly<Record<string, boolean>>): void {
  const untrue = Object.entries(facts).flatMap(([fact, holds]) => (holds ? [] : [fact]))
  if (untrue.length > 0) throw new Error(`Not true: ${untrue.join('; ')}.`)
  console.log(`${style('green', '✔ Proven:')} ${sentence}`)
}

/** How a path looks from where the reader stands. */
export function shortPath(path: string): string {
  const short = relative(process.cwd(), path)
  return short.startsWith('..') ? path : short
}

/** Cents as a person reads them. */
export function dollars(cents: unknown): string {
  return `$${(Number(cents) / 100).toFixed(2)}`
}

/** Text that steps back. */
export function faint(text: string): string {
  return style('dim', text)
}

function style(format: Style, text: string): string {
  return inColor ? styleText(format, text) : text
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ')
}
