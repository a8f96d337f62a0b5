import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

const root = join(import.meta.dirname, '..', '..', '..', '..', '..')
/** Where recorded answers of real providers lie; they are no part of this repository. */
const folder = join(process.env.HOLDFAST_FIXTURES ?? join(root, '..', 'shared', 'fixtures'), 'provider-responses')

/** False: tests of recorded answers are skipped, and say so. */
export const hasRecordedAnswers: boolean = existsSync(folder)

export interface RecordedAnswer {
  readonly name: string
  readonly body: Record<string, unknown>
}

/** The bodies of one folder, such as `openai-chat`. */
export function recordedAnswers(shape: string): RecordedAnswer[] {
  return filesOf(shape, '*.json').map((file) => ({
    name: basename(file, '.json'),
    body: JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>,
  }))
}

export interface RecordedStream {
  readonly name: string
  readonly events: Record<string, unknown>[]
}

/** The streams of one folder, as their events; one whose recording is damaged is left out. */
export function recordedStreams(shape: string): RecordedStream[] {
  return filesOf(shape, '*.chunks.txt').flatMap((file) => {
    const events = eventsOf(readFileSync(file, 'utf8'))
    return events === undefined ? [] : [{ name: basename(file, '.chunks.txt'), events }]
  })
}

function eventsOf(text: string): RecordedStream['events'] | undefined {
  try {
    const lines = text.split('\n').filter((line) => line.trim() !== '')
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  } catch {
    return undefined
  }
}

function filesOf(shape: string, pattern: string): string[] {
  return globSync(join(folder, shape, pattern)).sort()
}
