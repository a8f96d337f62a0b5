import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { AnswerShape } from '../../endpoint/endpoint.ts'

const root = join(import.meta.dirname, '..', '..', '..', '..', '..')
/** Where recorded answers of real providers lie; they are no part of this repository. */
const folder = join(process.env.HOLDFAST_FIXTURES ?? join(root, '..', 'shared', 'fixtures'), 'provider-responses')

/** False: tests of recorded answers are skipped, and say so. */
export const hasRecordedBodies: boolean = existsSync(folder)

const LAST = /^\{"type":"(?:response\.(?:completed|incomplete|failed)|message_stop)"/

const SHAPES: Readonly<Record<string, AnswerShape>> = {
  'anthropic-messages': 'anthropic',
  'openai-chat': 'openai-chat',
  'openai-embeddings': 'openai-embeddings',
  'openai-responses': 'openai-responses',
}

export interface RecordedBody {
  readonly name: string
  readonly shape: AnswerShape
  readonly text: string
}

export function recordedBodies(): RecordedBody[] {
  return filesOf('*.json').map((file) => ({ ...factsOf(file), text: readFileSync(file, 'utf8') }))
}

export interface RecordedStream extends RecordedBody {
  readonly events: readonly Readonly<Record<string, unknown>>[]
  /** The same as they came over the wire. */
  readonly wire: readonly string[]
}

/** One whose recording is damaged is left out. */
export function recordedStreams(): RecordedStream[] {
  return filesOf('*.chunks.txt').flatMap((file) => {
    const { name, shape } = factsOf(file)
    const all = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.trim() !== '')
    // Some hold the answers of several turns: the first of them.
    const lines = all.slice(0, all.findIndex((line) => LAST.test(line)) + 1 || all.length)
    const events = parsed(lines)
    if (events === undefined) return []
    const isChat = shape === 'openai-chat'
    const wire = lines.map((line, index) => `${isChat ? '' : `event: ${events[index]?.type}\n`}data: ${line}\n\n`)
    if (isChat) wire.push('data: [DONE]\n\n')
    return [{ name, shape, text: wire.join(''), events, wire }]
  })
}

function parsed(lines: readonly string[]): RecordedStream['events'] | undefined {
  try {
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  } catch {
    return undefined
  }
}

function factsOf(file: string): Omit<RecordedBody, 'text'> {
  const shape = SHAPES[basename(join(file, '..'))] ?? 'openai-chat'
  return { name: `${shape}: ${basename(file).replace(/\.(?:json|chunks\.txt)$/, '')}`, shape }
}

function filesOf(pattern: string): string[] {
  return globSync(join(folder, '*', pattern)).sort()
}
