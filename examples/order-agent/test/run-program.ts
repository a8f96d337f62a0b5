import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

/** What a program came to. */
export interface Ran {
  readonly code: number | null
  readonly output: string
  readonly errors: string
}

/** Runs a TypeScript file in a Node of its own, against the sources of `holdfast`, without a model's key. */
export async function runProgram(
  file: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<Ran> {
  const { OPENAI_API_KEY: _key, OPENAI_BASE_URL: _url, OPENAI_MODEL: _model, ...inherited } = process.env
  const child = spawn(process.execPath, ['--conditions=@holdfast/source', file, ...args], {
    env: { ...inherited, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [closed, output, errors] = await Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)])
  return { code: closed[0] as number | null, output, errors }
}
