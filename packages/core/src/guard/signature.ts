import type { LoopSettings } from '../config/loop-options.ts'
import { sha256Hex } from '../util/hash.ts'
import { maskVolatile } from '../util/volatile-text.ts'

const MAX_ARGS = 256
const MAX_RESULT = 256

/** A tool with its arguments as one text of bounded length. `secret`: without showing them. */
export function signatureOf(
  call: { readonly tool: string; readonly args: string; readonly secret: boolean },
  { ignore, ignoreVolatile }: Pick<LoopSettings, 'ignore' | 'ignoreVolatile'>,
): string {
  const counting = ignore.size === 0 ? call.args : without(ignore, call.args)
  const text = ignoreVolatile ? maskVolatile(counting) : counting
  return `${call.tool}|${call.secret && text !== '' ? hashed(text) : shortened(text, MAX_ARGS)}`
}

/** A result as far as it takes to tell it from another: itself, if it is short. */
export function resultOf(text: string): string {
  return shortened(text, MAX_RESULT)
}

/** The canonical JSON of arguments without those of these names. */
function without(names: ReadonlySet<string>, args: string): string {
  if (!args.startsWith('{')) return args
  const all = JSON.parse(args) as Readonly<Record<string, unknown>>
  return JSON.stringify(Object.fromEntries(Object.entries(all).filter(([name]) => !names.has(name))))
}

/** Never a part of it, which would keep the whole in memory. */
function shortened(text: string, most: number): string {
  return text.length <= most ? text : hashed(text)
}

function hashed(text: string): string {
  return `#${sha256Hex(text)}`
}
